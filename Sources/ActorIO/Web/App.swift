/// The routes and middleware of a site, written down from top to bottom.
///
/// ```swift
/// var app = App()
/// app.use(session, passport.session)
/// app.get("/users/:id") { request in
///     let id: Int = try request.parameter("id")
///     return .text("user \(id)")
/// }
/// ```
/// A middleware covers the routes that come after it. What a path answers to other methods (405,
/// OPTIONS) passes the middleware of its routes, 404 passes every middleware of the app. Errors
/// become responses where they are thrown, so that the middleware around sees a response: `next`
/// does not throw.
public struct App: Sendable {
    /// Foreign origins, such as `https://shop.example`, whose pages may use unsafe methods.
    ///
    /// A POST, PUT, PATCH or DELETE with an `Origin` header of another site is answered 403, and so
    /// is one without `Origin` that a browser calls cross-site. Clients that are no browsers send
    /// neither, and pass. What a ``CORS`` middleware names is allowed as well.
    public var allowedOrigins: [String] = []
    /// Whether unsafe methods are checked for foreign origins at all.
    ///
    /// Without the check any page can post here in the name of its visitor: switch it off only
    /// where no cookie means anything.
    public var checksOrigin = true
    /// Makes the answer to an error; nil for a small neutral page.
    public var errorPage: (@Sendable (_ error: HTTPError, _ request: Request) -> Response)?
    /// Where errors that are no ``HTTPError`` are told.
    public var log = Log.standardError

    var middleware: [Middleware] = []
    var routes: [Route] = []
    var prefix = ""

    /// One line of the plan: a handler and the middleware that was there before it.
    struct Route: Sendable {
        let method: Method
        let pattern: RoutePattern
        let middleware: [Middleware]
        let handler: Handler
    }

    /// Makes an app that knows no path.
    public init() {}

    /// Adds middleware for the routes that follow.
    public mutating func use(_ middleware: Middleware...) {
        self.middleware += middleware
    }

    /// Answers a method on a path; `:name` stands for a segment, a final `*` for the rest.
    public mutating func on(
        _ method: Method,
        _ path: String,
        _ handler: @escaping Handler
    ) {
        routes.append(
            Route(
                method: method,
                pattern: RoutePattern(prefix + path),
                middleware: middleware,
                handler: handler
            )
        )
    }

    /// Answers GET, and HEAD without the body.
    public mutating func get(_ path: String, _ handler: @escaping Handler) {
        on(.get, path, handler)
    }

    /// Answers POST.
    public mutating func post(_ path: String, _ handler: @escaping Handler) {
        on(.post, path, handler)
    }

    /// Answers PUT.
    public mutating func put(_ path: String, _ handler: @escaping Handler) {
        on(.put, path, handler)
    }

    /// Answers PATCH.
    public mutating func patch(_ path: String, _ handler: @escaping Handler) {
        on(.patch, path, handler)
    }

    /// Answers DELETE.
    public mutating func delete(_ path: String, _ handler: @escaping Handler) {
        on(.delete, path, handler)
    }

    /// Routes under a common prefix; middleware that is used inside stays inside.
    public mutating func group(_ path: String, _ build: (inout App) -> Void) {
        var inner = self
        inner.routes = []
        inner.prefix = prefix + path
        build(&inner)
        routes += inner.routes
    }

    /// The executors of all stores that the middleware asks.
    var lanes: [Lane] {
        (routes.flatMap(\.middleware) + middleware).flatMap(\.lanes)
    }
}
