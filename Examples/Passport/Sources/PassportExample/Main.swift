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

    /// The login page, with what is to be said about the last attempt.
    static func login(_ failure: String?) -> String {
        let page = String(decoding: PackageResources.login_html, as: UTF8.self)
        let words = failure.map { "<p role=\"alert\">\(escaped($0))</p>" } ?? ""
        return page.replacing("<!-- failure -->", with: words)
    }

    /// Text as HTML shows it: a message may repeat what somebody typed.
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
