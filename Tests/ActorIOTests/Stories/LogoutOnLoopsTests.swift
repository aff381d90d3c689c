import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The same promise on real loops and real threads: many ways in, and a logout among them.
final class LogoutOnLoopsTests: XCTestCase {
    func testALogoutAmongManyConnectsLeavesNobodyOnSeveralLoops() async throws {
        let (app, io, store) = makePassportExample { root in
            root.namespace("/other") { _ in }
        }
        var options = Server.Options()
        options.loops = 3
        try await withServer(app, io, options: options) { server in
            let other = server.browser()
            try await other.logIn("jane")
            let bystander = try await other.connect()
            for round in 0..<12 {
                let browser = server.browser()
                try await browser.logIn("john")
                let newest = await store.sessions(of: 1).first
                let id = try XCTUnwrap(newest).id
                let cookie = browser.cookies["connect.sid"]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<9 {
                        let tab = server.browser()
                        tab.setCookie("connect.sid", cookie)
                        let transport = Browser.Transport.allCases[number % 3]
                        group.addTask {
                            guard let socket = try? await tab.connect(transport: transport) else {
                                return
                            }
                            _ = try? await socket.join("/other")
                            _ = try? await socket.call(Chat.whoami)
                        }
                    }
                    group.addTask {
                        for _ in 0..<round * 40 { await Task.yield() }
                        let answer = try await browser.post("/logout")
                        XCTAssertEqual(answer.status, 204)
                        let remains = await io.remains(of: id)
                        XCTAssertEqual(remains, [], "round \(round)")
                    }
                    try await group.waitForAll()
                }
                let remains = await io.remains(of: id)
                XCTAssertEqual(remains, [], "after round \(round)")
            }
            let name = try await bystander.call(Chat.whoami)
            XCTAssertEqual(name, "jane")
        }
    }
}
