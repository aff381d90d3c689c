import ActorIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@main
struct PassportExample {
    static func main() async {
        let (app, io) = makePassportExample()
        let server = Server(app, io, port: port)
        Task {
            guard let address = try? await server.address else { return }
            print("http://localhost:\(address.port)")
            fflush(nil)
        }
        do {
            try await server.run(until: .signals(.terminate, .interrupt))
        } catch {
            print("the example can not start: \(error)")
            exit(1)
        }
    }

    /// `PORT` of the environment, else 3000.
    private static var port: Int {
        getenv("PORT").flatMap { Int(String(cString: $0)) } ?? 3000
    }
}

/// The pages, which are in the binary: the example runs from any directory.
enum Pages {
    static let index = PackageResources.index_html
    static let login = PackageResources.login_html
}
