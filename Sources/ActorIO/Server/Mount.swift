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
        let (app, below) = (app, path + "/")
        return { request in
            let asked = request.path.utf8
            guard asked.starts(with: path.utf8) else { return try await app(request) }
            if asked.elementsEqual(path.utf8) || asked.elementsEqual(below.utf8) {
                return try await engine(request)
            }
            guard asked.starts(with: below.utf8), let response = try await client(request) else {
                return try await app(request)
            }
            return response
        }
    }
}
