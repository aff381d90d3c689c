import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The server that the load generator speaks to: `echo` answers with its argument, `broadcast` goes
/// to everyone.
///
/// With `--login` a handshake needs a session, which POST /login gives to any name.
@main
struct Bench {
    static func main() async throws {
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        let (app, io) = makeServer(login: arguments.login)
        var options = Server.Options()
        options.loops = arguments.loops
        let server = Server(app, io, port: arguments.port, host: "127.0.0.1", options: options)
        Task {
            let address = try await server.address
            print("listening on \(address.port), loops \(options.loops)")
            fflush(nil)
        }
        try await server.run(until: .signals(.terminate, .interrupt))
    }

    static func makeServer(login: Bool) -> (App, SocketIO) {
        let session = Middleware.session(SessionStore(), secret: "bench")
        let passport = Passport<User>.local { name, _ in User(id: name) }
        var app = App()
        app.use(session, passport.session)
        app.post("/login", passport.authenticate(success: "/"))
        let chain = [session, passport.session, .require(User.self)]
        let io = SocketIO(handshake: login ? chain : []) { root in
            root.on("echo") { (_, arguments: ActorIO.Arguments) in arguments }
            root.on("broadcast") { (socket, arguments: ActorIO.Arguments) in
                try await socket.namespace.emit("broadcast", passing: arguments)
            }
        }
        return (app, io)
    }
}

struct User: Codable, Identifiable, Sendable {
    var id: String
}

extension Bench {
    struct Arguments {
        var port = 3100
        var loops = 1
        var login = false

        init(_ words: some Sequence<String>) {
            var words = Array(words)[...]
            while let word = words.popFirst() {
                switch word {
                case "--port": port = words.popFirst().flatMap(Int.init) ?? port
                case "--loops": loops = words.popFirst().flatMap(Int.init) ?? loops
                case "--login": login = true
                default: print("usage: Bench [--port P] [--loops N] [--login]")
                }
            }
        }
    }
}
