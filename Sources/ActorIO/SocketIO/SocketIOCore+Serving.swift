/// What a server needs of the core: its path, its client, its start and end.
extension SocketIOCore {
    /// The path without a slash at its end.
    var path: String {
        var path = options.engine.path
        while path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path.utf8.first == UInt8(ascii: "/") ? path : "/" + path
    }

    /// The path clients connect to, for the test kit.
    package var mountPath: String { path }

    /// Serves the browser client; nil for what is not a file of it.
    func clientHandler() -> @Sendable (Request) async throws -> Response? {
        guard options.servesClient else { return { _ in nil } }
        let prefix = path.utf8.count + 1
        let directory = options.clientDirectory
        // Pages of other sites load it, too: what CORS says for the path holds for its files.
        let rules = everyRequest.filter(\.coversClient)
        var methods: [Method] = [.get, .head]
        if !rules.isEmpty { methods.append(.options) }
        let served = methods
        return { request in
            let name = String(decoding: request.path.utf8.dropFirst(prefix), as: UTF8.self)
            guard Self.isFileName(name), served.contains(request.method) else { return nil }
            guard let file = Self.file(name, directory) else { return nil }
            let chain = Middleware.chain(rules) { request in
                Conditional.answer(file, to: request)
            }
            return try await chain(request)
        }
    }

    private static func file(_ name: String, _ directory: String?) -> Response? {
        guard let directory else { return ClientScript.response(name) }
        return .file(directory + "/" + name)
    }

    /// One plain name of a script or its map: no way out of the folder.
    private static func isFileName(_ name: String) -> Bool {
        guard name.hasSuffix(".js") || name.hasSuffix(".map"), name.utf8.first != 0x2E else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    func reopen() async {
        await engine.server.reopen()
        await plan.desk?.opened()
    }

    /// Forgets the sessions whose farewell nobody has fetched: their loops are about to end.
    func end() async {
        await engine.server.end()
        await plan.registry.endPresence()
    }

    /// Ends every session of Engine.IO.
    func close() async {
        // First: whoever goes now does not go by choice.
        await plan.registry.endPresence()
        await engine.server.close()
    }
}
