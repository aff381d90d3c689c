import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Visitors whose session has a name and nothing else when they show a token at CONNECT.
final class ConnectVisitorTests: XCTestCase {
    private struct Theme: SessionKey {
        static let name = "theme"
        static let initial = "light"
    }

    func testATokenOfASessionIsTakenWhereTheHandshakeHasLookedAtTheSessionOfAVisitor()
        async throws
    {
        let store = SessionStore()
        let keep = Middleware.session(store, secret: "changeit")
        // What chains do with a visitor: they look, and write nothing.
        let look = Middleware { request, next in
            _ = try await request.session.read { $0[Theme.self] }
            return try await next(request)
        }
        var app = App()
        app.use(keep)
        app.post("/") { request in
            try await request.session.update { $0[Theme.self] = "dark" }
            return .text(try request.session.token)
        }
        app.post("/end") { request in
            try await request.session.destroy()
            return .status(.noContent)
        }
        let io = SocketIO(handshake: [keep, look], connect: [keep], options: quiet) { root in
            root.on("theme") { socket async throws -> String in
                try await socket.request.session.read { $0[Theme.self] }
            }
        }
        try await withTestServer(app, io) { server in
            let owner = server.browser()
            let token = try await owner.post("/").text
            for transport in Browser.Transport.allCases {
                let tab = try await server.browser().connect(transport: transport, token: token)
                let theme = try await tab.call("theme", as: String.self)
                XCTAssertEqual(theme, "dark", "\(transport)")
            }
            let tab = try await server.browser().connect(token: token)
            try await owner.post("/end")
            let reason = await tab.disconnected
            XCTAssertEqual(reason, .serverDisconnect)
        }
    }
}
