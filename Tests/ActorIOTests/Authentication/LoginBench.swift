@testable import ActorIO

/// An app with sessions, asked by browsers, on time that passes when it is told to.
final class LoginBench: Sendable {
    let bench = SessionBench()
    private let handler: Handler

    /// The session middleware is in use already.
    init(_ build: (inout App, SessionStore) -> Void) {
        var app = App()
        app.log = .disabled
        app.use(.session(bench.store, secret: "a secret of the tests, 32 bytes long"))
        build(&app, bench.store)
        handler = app.handler()
    }

    var store: SessionStore { bench.store }

    func request(
        _ browser: FakeBrowser,
        _ method: ActorIO.Method = .get,
        _ target: String,
        form: String? = nil,
        _ more: [(String, String)] = []
    ) -> Request {
        let request = browser.request(method, target, form: form, more)
        return Request(
            head: request.head,
            remoteAddress: request.remoteAddress,
            body: request.body,
            loop: bench.loop
        )
    }

    func send(
        _ browser: inout FakeBrowser,
        _ method: ActorIO.Method = .get,
        _ target: String,
        form: String? = nil,
        _ more: [(String, String)] = []
    ) throws -> Response {
        let request = request(browser, method, target, form: form, more)
        let response = try bench.run { [handler] in try await handler(request) }
        browser.take(response)
        return response
    }

    /// Begins a request that is not answered at once.
    func start(_ request: Request) -> Start<Response> {
        bench.start { [handler] in try await handler(request) }
    }

    /// The text of a page.
    func page(_ browser: inout FakeBrowser, _ target: String) throws -> String {
        String(decoding: try send(&browser, .get, target).body, as: UTF8.self)
    }

    /// Begins requests together, so that they meet each other half-way.
    func sendTogether(_ requests: [Request]) throws -> [Response] {
        let started = requests.map { request in
            Start(bench) { [handler] in try await handler(request) }
        }
        bench.settle()
        return try started.map { try $0.value() }
    }
}

/// Somebody who logs in.
struct Person: Codable, Identifiable, Sendable, Equatable {
    var id: Int
    var name: String

    static let john = Person(id: 7, name: "john")
}

/// What closures of a test write down.
final class Notebook: Sendable {
    private let lines = Locked<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func note(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}
