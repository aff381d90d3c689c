extension App {
    /// The app as one handler, frozen: later changes of the value do not reach it.
    func handler() -> Handler {
        let site = Site(self)
        return { request in await site.answer(request) }
    }
}

/// A frozen app.
private struct Site: Sendable {
    private let failures: Failures
    /// Nil when the app does without.
    private let origins: OriginGuard?
    private let router: Router
    private let middleware: [Middleware]

    init(_ app: App) {
        failures = Failures(page: app.errorPage, log: app.log)
        let trusted = app.middleware + app.routes.flatMap(\.middleware)
        let allowed = app.allowedOrigins + trusted.flatMap(\.trustedOrigins)
        origins = app.checksOrigin ? OriginGuard(allowed: allowed) : nil
        middleware = app.middleware
        var router = Router()
        for route in app.routes {
            let handler = failures.chain(route.middleware, route.handler)
            let frozen = Router.Route(
                pattern: route.pattern,
                middleware: route.middleware,
                handler: handler
            )
            router.add(route.method, frozen)
        }
        self.router = router
    }

    func answer(_ request: Request) async -> Response {
        let response = await failures.caught(request) { request in
            try origins?.check(request)
            return try await route(request)
        }
        return Conditional.answer(response, to: request)
    }

    private func route(_ request: Request) async throws -> Response {
        switch try router.match(request.method, request.path) {
        case .found(let route, let parameters):
            var request = request
            request.parameters = parameters
            return try await route.handler(request)
        case .otherMethods(let methods, let middleware):
            let allow = methods.map(\.name).joined(separator: ", ")
            return try await failures.chain(middleware) { request in
                guard request.method == .options else {
                    throw HTTPError(.methodNotAllowed, headers: ["Allow": allow])
                }
                return Response(status: .noContent, headers: ["Allow": allow])
            }(request)
        case .nothing:
            return try await failures.chain(middleware) { _ in throw HTTPError(.notFound) }(request)
        }
    }
}

/// Turns errors into responses, at every step of a chain.
private struct Failures: Sendable {
    let page: (@Sendable (HTTPError, Request) -> Response)?
    let log: Log

    func chain(_ list: [Middleware], _ last: @escaping Handler) -> Handler {
        list.reversed().reduce(guarded(last)) { next, middleware in
            guarded { request in try await middleware(request, next: next) }
        }
    }

    func caught(_ request: Request, _ body: Handler) async -> Response {
        do {
            return try await body(request)
        } catch {
            return answer(error, to: request)
        }
    }

    private func guarded(_ handler: @escaping Handler) -> Handler {
        { request in await caught(request, handler) }
    }

    private func answer(_ error: any Error, to request: Request) -> Response {
        var known = HTTPError(.internalServerError)
        if let error = error as? HTTPError {
            known = error
        } else if !(error is CancellationError) {
            // Told here only: the client learns nothing about our insides.
            log.error("request failed", ["path": request.path, "error": String(describing: error)])
        }
        var response = page?(known, request) ?? ErrorPages.page(known, for: request)
        let own = response.headers
        for (name, value) in known.headers where !own.contains(name) {
            response.headers.add(name, value)
        }
        return response
    }
}
