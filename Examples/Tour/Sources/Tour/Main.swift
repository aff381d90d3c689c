import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs the tour until Ctrl-C or SIGTERM.
@main
struct Main {
    static func main() async {
        guard let settings = Settings(CommandLine.arguments.dropFirst()) else {
            print(Settings.usage)
            exit(2)
        }
        let (app, io) = makeTour(settings.options)
        let server = Server(app, io, port: settings.port, host: "127.0.0.1")
        Task {
            guard let address = try? await server.address else { return }
            print("listening on \(address.port)")
            fflush(nil)
        }
        do {
            try await server.run(until: .signals(.terminate, .interrupt))
        } catch {
            print("the tour can not start: \(error)")
            exit(1)
        }
    }
}

/// What the command line asks for.
struct Settings {
    static let usage = """
        usage: Tour [--port P] [--ping MS] [--patience MS]
            [--message-pack] [--old-clients] [--recovery] [--admin]
        """

    /// 0 is any free one.
    var port = 3000
    var options = SocketIO.Options()

    /// Nil when a word is not understood.
    init?(_ words: some Sequence<String>) {
        var words = Array(words)[...]
        while let word = words.popFirst() {
            switch word {
            case "--port":
                guard let port = Self.number(&words) else { return nil }
                self.port = port
            case "--ping":
                guard let interval = Self.number(&words) else { return nil }
                options.engine.pingInterval = .milliseconds(interval)
            case "--patience":
                guard let timeout = Self.number(&words) else { return nil }
                options.engine.pingTimeout = .milliseconds(timeout)
            case "--message-pack": options.parser = MessagePackParser()
            case "--old-clients": options.engine.allowsEIO3 = true
            case "--recovery": options.recovery = RecoveryOptions()
            case "--admin": options.admin = AdminOptions(Self.admin)
            default: return nil
            }
        }
    }

    /// `admin` with the password `changeit`, hashed with so few rounds for a tour only.
    private static let admin = AdminOptions.Access.password(
        username: "admin",
        hash: "$pbkdf2-sha256$i=10000,l=32$ofDD0pWIR2YbLD1OX2Bxig"
            + "$DAhIGp50EgCsk/+NBu2IQU6Eoz6mboJhZ2iBEEg8RBE"
    )

    private static func number(_ words: inout ArraySlice<String>) -> Int? {
        words.popFirst().flatMap(Int.init)
    }
}
