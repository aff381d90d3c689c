import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The server that the load generator speaks to: `echo` answers with its argument, `broadcast` goes
/// to everyone.
///
/// With `--login` a handshake needs a session, which POST /login gives to any name. `--message-pack`
/// speaks MessagePack, and `--recovery` keeps what a client may miss.
@main
struct Bench {
    static func main() async {
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        let (app, io) = makeServer(arguments)
        var options = Server.Options()
        options.loops = arguments.loops
        let server = Server(app, io, port: arguments.port, host: "127.0.0.1", options: options)
        Task {
            guard let address = try? await server.address else { return }
            print("listening on \(address.port), loops \(options.loops)")
            fflush(nil)
        }
        do {
            try await server.run(until: .signals(.terminate, .interrupt))
        } catch {
            print("the bench can not start: \(error)")
            exit(1)
        }
    }

    static func makeServer(_ arguments: Arguments) -> (App, SocketIO) {
        let session = Middleware.session(SessionStore(), secret: "bench")
        let passport = Passport<User>.local { name, _ in User(id: name) }
        var app = App()
        app.use(session, passport.session)
        app.post("/login", passport.authenticate(success: "/"))
        let chain = [session, passport.session, .require(User.self)]
        var options = SocketIO.Options()
        if arguments.messagePack { options.parser = MessagePackParser() }
        if arguments.recovery { options.recovery = RecoveryOptions() }
        let io = SocketIO(handshake: arguments.login ? chain : [], options: options) { root in
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
        var messagePack = false
        var recovery = false

        init(_ words: some Sequence<String>) {
            var words = Array(words)[...]
            while let word = words.popFirst() {
                switch word {
                case "--port": port = words.popFirst().flatMap(Int.init) ?? port
                case "--loops": loops = words.popFirst().flatMap(Int.init) ?? loops
                case "--login": login = true
                case "--message-pack": messagePack = true
                case "--recovery": recovery = true
                default:
                    print(
                        "usage: Bench [--port P] [--loops N] [--login] [--message-pack] [--recovery]"
                    )
                }
            }
        }
    }
}
