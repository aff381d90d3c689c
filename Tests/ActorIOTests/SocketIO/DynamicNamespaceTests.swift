import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Namespaces that are made when the first client asks for them.
final class DynamicNamespaceTests: XCTestCase {
    private static func cleaning(_ cleans: Bool = true, max: Int = 10) -> SocketIO.Options {
        var options = quiet
        options.cleansUpEmptyNamespaces = cleans
        options.maxChildNamespaces = max
        return options
    }

    private static func tenants(
        _ options: SocketIO.Options = quiet,
        _ notes: Notes = Notes()
    ) -> SocketIO {
        SocketIO(options: options) { root in
            root.onNewNamespace { notes.add("new \($0.name)") }
            root.namespace("/tenants/fixed") { fixed in
                fixed.on("which") { _ in "fixed" }
            }
            root.namespaces(matching: "/tenants/:id") { tenant in
                tenant.use { socket in
                    let id: Int = try socket.parameter("id")
                    notes.add("middleware \(id)")
                }
                tenant.on("which") { socket in socket.namespaceName }
                tenant.on("all") { socket in try await socket.namespace.emit("news", 1) }
            }
        }
    }

    private static func names(_ io: SocketIO) -> [String] {
        io.namespaces.map(\.name).sorted()
    }

    func testAPatternMakesNamespacesWithTheirOwnSocketsAndTheValuesOfTheirNames() async throws {
        let notes = Notes()
        let io = Self.tenants(quiet, notes)
        try await withTestServer(App(), io) { server in
            XCTAssertEqual(Self.names(io), ["/", "/tenants/fixed"])
            let seven = try await server.browser().connect("/tenants/7")
            let eight = try await server.browser().connect("/tenants/8")
            let again = try await server.browser().connect("/tenants/7")
            XCTAssertEqual(
                notes.all,
                [
                    "new /tenants/7", "middleware 7", "new /tenants/8", "middleware 8",
                    "middleware 7",
                ]
            )
            let which: String = try await seven.call("which")
            XCTAssertEqual(which, "/tenants/7")
            _ = try await seven.ask("all")
            _ = try await again.next("news")
            let heard = await eight.pending
            XCTAssertEqual(heard, [])
            XCTAssertEqual(
                io.namespaces(matching: "/tenants/:id").map(\.name).sorted(),
                ["/tenants/7", "/tenants/8", "/tenants/fixed"]
            )
            let count = await io.namespace("/tenants/7")?.count
            XCTAssertEqual(count, 2)
        }
    }

    func testAnEmptyNamespaceMakesRoomWhenThereAreTooMany() async throws {
        let io = Self.tenants(Self.cleaning(false, max: 2))
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/tenants/1,", "40/tenants/2,", "41/tenants/2,", "40/tenants/3,")
            XCTAssertEqual(Self.names(io), ["/", "/tenants/1", "/tenants/3", "/tenants/fixed"])
        }
    }

    func testAnswersToANamespaceOfBeforeAreNotTakenForThoseOfItsSuccessor() async throws {
        let notes = Notes()
        let io = SocketIO(options: Self.cleaning()) { root in
            root.namespaces(matching: "/:name") { child in
                child.on("ask") { socket async in
                    notes.add((try? await socket.call("q", as: String.self)) ?? "none")
                }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/x,")
            await wire.say("42/x,[\"ask\"]")
            XCTAssertEqual(wire.take().last, "42/x,0[\"q\"]")
            await wire.say("41/x,")
            await wire.say("40/x,")
            await wire.say("42/x,[\"ask\"]")
            XCTAssertEqual(wire.take().last, "42/x,1[\"q\"]")
            await wire.say("43/x,0[\"late\"]", "43/x,1[\"right\"]")
            XCTAssertEqual(notes.all, ["none", "right"])
        }
    }

    func testAWishThatIsTakenBackAndSaidAgainIsDecidedByItsOwnAuth() async throws {
        struct Token: Codable, Sendable { var token: String }
        let gates = ["a": Gate(), "b": Gate()]
        let io = SocketIO(options: Self.cleaning()) { root in
            root.namespaces(where: { request in
                let token = try request.auth(as: Token.self).token
                await gates[token]?.pass()
                return token == "b"
            }) { child in
                child.on("token") { socket in try socket.auth(as: Token.self).token }
            }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/x,{\"token\":\"a\"}", "41/x,", "40/x,{\"token\":\"b\"}")
            gates["a"]?.open()
            await wire.rest()
            XCTAssertEqual(wire.take(), [], "the first wish is nobody's any more")
            gates["b"]?.open()
            await wire.rest()
            await wire.say("421[\"nothing\"]", "42/x,7[\"token\"]")
            XCTAssertEqual(wire.take().last, "43/x,7[\"b\"]")
        }
    }

    func testBytesForANamespaceThatIsBeingDecidedAboutAreNoOffence() async throws {
        let gate = Gate()
        let io = SocketIO(options: quiet) { root in
            root.namespaces(where: { _ in
                await gate.pass()
                return true
            }) { _ in }
        }
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/x,", "451-/x,[\"e\",{\"_placeholder\":true,\"num\":0}]")
            await wire.say(binary: [1, 2])
            XCTAssertFalse(wire.isEnded)
            gate.open()
            await wire.rest()
            XCTAssertTrue(wire.take().last?.hasPrefix("40/x,{") == true)
        }
    }

    func testAnEventToAllNamespacesOfAFormReachesTheSocketsOfEach() async throws {
        let io = Self.tenants()
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.say("40/tenants/7,", "40/tenants/8,")
            _ = wire.take()
            try await io.namespaces(matching: "/tenants/:id").emit("news", 1)
            await wire.rest()
            XCTAssertEqual(
                wire.take().sorted(),
                ["42/tenants/7,[\"news\",1]", "42/tenants/8,[\"news\",1]"]
            )
        }
    }

    func testANameOfThePlanComesBeforeAPattern() async throws {
        let io = Self.tenants()
        try await withTestServer(App(), io) { server in
            let fixed = try await server.browser().connect("/tenants/fixed")
            let which: String = try await fixed.call("which")
            XCTAssertEqual(which, "fixed")
        }
    }

    func testANameThatFitsNobodyIsInvalidAndTheConnectionStays() async throws {
        let io = Self.tenants()
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            let names = ["/tenants", "/tenants/", "/tenants/7/x", "/tenantz/7", "/tenants/7?a=1"]
            for name in names {
                await wire.say("40\(name),")
                XCTAssertEqual(wire.take(), ["44\(name),{\"message\":\"Invalid namespace\"}"])
            }
            await wire.say("42[\"nothing\"]")
            XCTAssertFalse(wire.isEnded)
        }
    }

    func testAPredicateSeesNameAuthAndRequestAndTheFirstYesMakesTheNamespace() async throws {
        struct Key: Codable, Sendable { var key: String }
        struct Broken: Error {}
        let notes = Notes()
        let io = SocketIO(options: quiet) { root in
            root.namespaces(where: { request in
                notes.add("first \(request.name) \(request.request.headers["user-agent"] ?? "")")
                throw Broken()
            }) { $0.on("which") { _ in "first" } }
            root.namespaces(where: { request async throws in
                try request.auth(as: Key.self).key == "right"
            }) { $0.on("which") { _ in "second" } }
            root.namespaces(matching: "/*") { $0.on("which") { _ in "third" } }
        }
        try await withTestServer(App(), io) { server in
            let second = try await server.browser().connect("/a", auth: Key(key: "right"))
            var which: String = try await second.call("which")
            XCTAssertEqual(which, "second")
            let third = try await server.browser().connect("/b", auth: Key(key: "wrong"))
            which = try await third.call("which")
            XCTAssertEqual(which, "third")
            // Whoever made it, it is there now.
            let late = try await server.browser().connect("/a", auth: Key(key: "wrong"))
            which = try await late.call("which")
            XCTAssertEqual(which, "second")
            XCTAssertEqual(notes.all.map { $0.prefix(8) }, ["first /a", "first /b"])
        }
    }

    func testWhileAPredicateDecidesTheClientMayNeitherAskAgainNorIsItKeptWhenItLeaves() async throws
    {
        let gate = Gate()
        let io = SocketIO(options: Self.cleaning()) { root in
            root.namespaces(where: { _ in
                await gate.pass()
                return true
            }) { _ in }
        }
        try await withTestServer(App(), io) { server in
            let twice = try await server.browser().joined()
            await twice.say("40/x,", "40/x,")
            XCTAssertTrue(twice.isEnded, "CONNECT twice breaks the protocol")

            let early = try await server.browser().joined()
            await early.say("40/x,", "42/x,[\"early\"]")
            XCTAssertFalse(early.isEnded)
            let leaving = try await server.browser().joined()
            await leaving.say("40/y,", "41/y,")
            gate.open()
            await leaving.rest()
            XCTAssertEqual(leaving.take(), [])
            XCTAssertTrue(early.take().first?.hasPrefix("40/x,{\"sid\":") == true)
            XCTAssertEqual(Self.names(io), ["/", "/x"])
        }
    }

    func testAnEmptyNamespaceIsForgottenOnlyWhenTheOptionSaysSo() async throws {
        for cleans in [true, false] {
            let io = Self.tenants(Self.cleaning(cleans))
            try await withTestServer(App(), io) { server in
                let one = try await server.browser().connect("/tenants/7")
                let two = try await server.browser().connect("/tenants/7")
                await one.disconnect()
                XCTAssertNotNil(io.namespace("/tenants/7"))
                await two.disconnect()
                XCTAssertEqual(io.namespace("/tenants/7") == nil, cleans)
                // A refused socket is one that left.
                let refused = try? await server.browser().connect("/tenants/no-number")
                XCTAssertNil(refused)
                XCTAssertNil(io.namespace("/tenants/no-number"), "nobody was ever in it")
                // It can be made again.
                _ = try await server.browser().connect("/tenants/7")
                XCTAssertNotNil(io.namespace("/tenants/7"))
            }
        }
    }

    func testASocketThatIsStillBeingDecidedAboutKeepsItsNamespace() async throws {
        let gate = Gate()
        let io = SocketIO(options: Self.cleaning()) { root in
            root.namespaces(matching: "/:name") { child in
                child.use { socket async in
                    struct Slow: Codable { var slow: Bool }
                    if (try? socket.auth(as: Slow.self))?.slow == true { await gate.pass() }
                }
                child.on("all") { socket in try await socket.namespace.emit("news") }
            }
        }
        try await withTestServer(App(), io) { server in
            let slow = try await server.browser().joined()
            await slow.say("40/x,{\"slow\":true}")
            let quick = try await server.browser().connect("/x")
            await quick.disconnect()
            XCTAssertNotNil(io.namespace("/x"), "one is on its way in")
            gate.open()
            await slow.rest()
            let other = try await server.browser().connect("/x")
            _ = try await other.ask("all")
            await slow.rest()
            XCTAssertEqual(slow.take().last, "42/x,[\"news\"]")
            await other.disconnect()
            await slow.say("41/x,")
            XCTAssertNil(io.namespace("/x"))
        }
    }

    func testNamespacesAreCountedAndNoMoreAreMadeThanTheLimit() async throws {
        let io = Self.tenants(Self.cleaning(max: 2))
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40/tenants/1,", "40/tenants/2,", "40/tenants/3,")
            let refusals = wire.take().filter { $0.hasPrefix("44") }
            XCTAssertEqual(refusals, ["44/tenants/3,{\"message\":\"too many namespaces\"}"])
            await wire.say("41/tenants/1,", "40/tenants/3,")
            XCTAssertTrue(wire.take().last?.hasPrefix("40/tenants/3,{\"sid\"") == true)
        }
    }

    func testALogoutWhileAPredicateDecidesLeavesNeitherSocketNorNamespace() async throws {
        let gate = Gate()
        let (app, io, _) = makePassportExample(options: Self.cleaning()) { root in
            root.namespaces(where: { _ in
                await gate.pass()
                return true
            }) { _ in }
        }
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn("john")
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40/x,")
            XCTAssertEqual(gate.waiterCount, 1)
            try await browser.post("/logout")
            XCTAssertTrue(wire.isEnded)
            gate.open()
            await wire.rest()
            XCTAssertEqual(Self.names(io), ["/"])
            XCTAssertFalse(wire.take().contains { $0.hasPrefix("40/x") })
        }
    }
}
