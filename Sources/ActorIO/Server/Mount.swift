/// Where requests go: below the path of Socket.IO to its engine, all others to the app.
struct Mount: Sendable {
    private let app: Handler
    private let io: SocketIO?

    init(app: App, io: SocketIO?) {
        self.app = app.handler()
        self.io = io
    }

    func handler() -> Handler {
        guard let core = io?.core else { return app }
        let engine = core.handler()
        let client = core.clientHandler()
        let path = core.path
        let app = app
        return { request in
            let asked = request.target.utf8
            guard asked.starts(with: path.utf8) else { return try await app(request) }
            let rest = asked.dropFirst(path.utf8.count)
            let last = rest.first == UInt8(ascii: "/") ? rest.dropFirst() : rest
            if last.isEmpty || last.first == UInt8(ascii: "?") { return try await engine(request) }
            guard rest.first == UInt8(ascii: "/"), let response = try await client(request) else {
                return try await app(request)
            }
            return response
        }
    }
}
