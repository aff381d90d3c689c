import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs the demo on port 3000, or on `PORT` of the environment, until Ctrl-C or SIGTERM.
@main
struct Main {
    static func main() async {
        let (app, io, people) = makeDemo()
        let server = Server(app, io, port: port)
        Task {
            guard let address = try? await server.address else { return }
            print("ActorIO demo: http://localhost:\(address.port)")
            fflush(nil)
        }
        Task { await people.watch(io) }
        do {
            try await server.run(until: .signals(.terminate, .interrupt))
        } catch {
            print("ActorIO demo can not start: \(error)")
            exit(1)
        }
    }

    private static var port: Int {
        getenv("PORT").flatMap { Int(String(cString: $0)) } ?? 3000
    }
}
