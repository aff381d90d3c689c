import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Connection state recovery in the words of the wire.
final class RecoveryWireTests: XCTestCase {
    private static func server(_ options: SocketIO.Options = keeping()) -> SocketIO {
        SocketIO(options: options) { root in
            root.on("own") { socket in try socket.emit("own", 1) }
            root.on("all") { socket in
                try socket.emit("acked", 1)
                try await socket.namespace.volatile.emit("volatile", 2)
                try socket.volatile.emit("volatile", 3)
                try await socket.broadcast.emit("others", 4)
                return "done"
            }
            root.on("ask") { socket in
                let _: String = try await socket.call("question", "x")
            }
        }
    }

    func testWithoutRecoveryNothingIsOnTheWire() async throws {
        let io = Self.server(quiet)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"pid\":\"\(RecoveryID().text)\",\"offset\":\"1\"}", "42[\"own\"]")
            let messages = wire.take()
            XCTAssertEqual(messages.count, 2)
            XCTAssertFalse((messages.first ?? "").contains("pid"))
            XCTAssertEqual(messages.last, "42[\"own\",1]")
        }
    }

    func testEventsThatAreKeptCarryAnOffsetAndTheOthersDoNot() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let (me, other) = (
                try await Recoverer.join(browser), try await Recoverer.join(browser)
            )
            await me.wire.say("42[\"own\"]")
            let own = try XCTUnwrap(me.wire.take().first)
            let offset = try offset(of: own)
            XCTAssertEqual(own, "42[\"own\",1,\"\(offset)\"]")
            XCTAssertEqual(offset.utf8.count, 5)
            await me.wire.say("420[\"all\"]")
            let mine = me.wire.take()
            let second = try ActorIOTests.offset(of: mine.first)
            XCTAssertEqual(
                mine,
                [
                    "42[\"acked\",1,\"\(second)\"]", "42[\"volatile\",2]", "42[\"volatile\",3]",
                    "430[\"done\"]",
                ]
            )
            let heard = other.wire.take()
            XCTAssertEqual(heard.first, "42[\"volatile\",2]")
            let third = try ActorIOTests.offset(of: heard.last)
            XCTAssertEqual(heard.last, "42[\"others\",4,\"\(third)\"]")
            XCTAssertEqual(Set([offset, second, third]).count, 3)
            await me.wire.say("42[\"ask\"]")
            XCTAssertEqual(me.wire.take(), ["420[\"question\",\"x\"]"])
        }
    }

    func testABroadcastIsTheSameMessageForEverybody() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let all = [
                try await Recoverer.join(browser), try await Recoverer.join(browser),
            ]
            try await server.act { try await io.emit("news", [1, 2]) }
            let heard = all.map { $0.wire.take() }
            let offset = try offset(of: heard[0].first)
            XCTAssertEqual(heard[0], ["42[\"news\",[1,2],\"\(offset)\"]"])
            XCTAssertEqual(heard[0], heard[1])
        }
    }

    func testTheOffsetOfABinaryEventIsItsLastArgument() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            try await server.act { try await io.emit("photo", [UInt8]([1, 2])) }
            let heard = me.wire.take()
            let first = try offset(of: heard.first)
            let text = "451-[\"photo\",{\"_placeholder\":true,\"num\":0},\"\(first)\"]"
            XCTAssertEqual(heard, [text, "b:1,2"])
            await me.wire.close()
            try await server.act { try await io.emit("photo", [UInt8]([3])) }
            let back = try await me.back(browser, after: first)
            let second = try offset(of: back.first)
            XCTAssertEqual(
                back,
                [
                    "451-[\"photo\",{\"_placeholder\":true,\"num\":0},\"\(second)\"]", "b:3",
                    me.answer,
                ]
            )
        }
    }

    func testWhatWasMissedComesBeforeTheAnswerToCONNECT() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let me = try await Recoverer.join(browser)
            await me.wire.say("42[\"own\"]")
            let last = try offset(of: me.wire.take().first)
            await me.wire.close()
            try await server.tell(io, "missed")
            try await server.act { try await io.volatile.emit("volatile") }
            try await server.tell(io, "missed2")
            let back = try await me.back(browser, after: last)
            XCTAssertEqual(back.count, 3)
            let offsets = try offsets(of: back.dropLast(), 2)
            XCTAssertEqual(
                back,
                [
                    "42[\"missed\",\"\(offsets[0])\"]", "42[\"missed2\",\"\(offsets[1])\"]",
                    me.answer,
                ]
            )
        }
    }

    func testTheAnswerOfAnotherNamespaceNamesIt() async throws {
        let io = SocketIO(options: keeping()) { $0.namespace("/a") { _ in } }
        try await withTestServer(App(), io) { server in
            let browser = server.browser()
            let wire = try await browser.webSocket()
            _ = wire.take()
            await wire.say("40/a,")
            let me = try Recoverer(wire, try XCTUnwrap(wire.take().last), namespace: "/a")
            await wire.close()
            try await server.act { try await io.namespace("/a")?.emit("missed") }
            let connect = "40/a,{\"pid\":\"\(me.pid)\"}"
            let elsewhere = try await me.back(browser, after: nil)
            XCTAssertEqual(elsewhere.count, 1)
            XCTAssertFalse((elsewhere.first ?? "").contains(me.sid))
            let back = try await Recoverer.hear(browser, connect)
            let offset = try offset(of: back.first)
            XCTAssertEqual(
                back,
                [
                    "42/a,[\"missed\",\"\(offset)\"]",
                    "40/a,{\"sid\":\"\(me.sid)\",\"pid\":\"\(me.pid)\"}",
                ]
            )
        }
    }
}
