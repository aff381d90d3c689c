/// A step that a request passes on its way to its handler, and the response on its way back.
///
/// ```swift
/// app.use(Middleware { request, next in
///     var response = try await next(request)
///     response.headers["X-Frame-Options"] = "DENY"
///     return response
/// })
/// ```
public struct Middleware: Sendable {
    /// What a middleware does: answer itself, throw, or call `next` with the request.
    public typealias Step =
        @Sendable (_ request: Request, _ next: @escaping Handler) async throws -> Response

    private let step: Step
    /// The executors of the stores this step asks; the server binds them to its loops.
    let lanes: [Lane]
    /// Origins whose pages may use unsafe methods because this step speaks for them.
    let trustedOrigins: [String]
    /// Whether the script that Socket.IO serves to browsers passes this step as well.
    let coversClient: Bool

    /// Makes a middleware from a closure.
    public init(_ step: @escaping Step) {
        self.init(lanes: [], trustedOrigins: [], step)
    }

    init(
        lanes: [Lane] = [],
        trustedOrigins: [String] = [],
        coversClient: Bool = false,
        _ step: @escaping Step
    ) {
        self.coversClient = coversClient
        self.lanes = lanes
        self.trustedOrigins = trustedOrigins
        self.step = step
    }

    /// Runs the step.
    func callAsFunction(_ request: Request, next: @escaping Handler) async throws -> Response {
        try await step(request, next)
    }

    /// One handler that passes the steps in their order and ends in `last`.
    static func chain(_ list: [Middleware], _ last: @escaping Handler) -> Handler {
        list.reversed().reduce(last) { next, middleware in
            { request in try await middleware.step(request, next) }
        }
    }
}
