import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A parser of somebody else: a text with the kind in words, then the bytes one by one.
private struct WordyParser: CustomParser {
    var written = Notes()
    var refuses: @Sendable (Packet) -> Bool = { _ in false }

    struct Refusal: Error {}

    func write(_ packet: Packet) throws -> [EngineMessage] {
        written.add("\(packet.kind) \(packet.event ?? "")")
        guard !refuses(packet) else { throw Refusal() }
        let id = packet.id.map { "\($0)" } ?? "-"
        let head = "\(packet.kind.rawValue) \(packet.namespace) \(id) \(packet.attachments.count) "
        return [.text(head + (packet.json ?? ""))] + packet.attachments.map { .binary($0) }
    }

    func makeReader(_ limits: PacketLimits) -> any PacketReader { Reader() }

    struct Reader: PacketReader {
        struct Malformed: Error {}
        var text: [Substring] = []
        var missing = 0
        var attachments: [[UInt8]] = []

        mutating func read(_ message: EngineMessage) throws -> Packet? {
            switch message {
            case .text(let line):
                guard missing == 0 else { throw Malformed() }
                let words = line.split(
                    separator: " ",
                    maxSplits: 4,
                    omittingEmptySubsequences: false
                )
                guard words.count == 5, let count = Int(words[3]) else { throw Malformed() }
                (text, missing, attachments) = (words, count, [])
            case .binary(let bytes):
                guard missing > 0 else { throw Malformed() }
                missing -= 1
                attachments.append(bytes)
            }
            guard missing == 0 else { return nil }
            guard let kind = Int(text[0]).flatMap(Packet.Kind.init) else { throw Malformed() }
            let (name, id) = (String(text[1]), Int(text[2]))
            guard !text[4].isEmpty else { return Packet(kind, namespace: name, id: id) }
            return try Packet(
                kind,
                namespace: name,
                id: id,
                json: String(text[4]),
                attachments: attachments
            )
        }
    }
}

/// What a server does with a parser that its users wrote.
final class CustomParserTests: XCTestCase {
    private static func server(
        _ parser: WordyParser = WordyParser(),
        _ notes: Notes = Notes()
    ) -> SocketIO {
        var options = quiet
        options.parser = parser
        return SocketIO(options: options) { root in
            root.onDisconnect { _, reason in notes.add("\(reason)") }
            root.on("echo") { (_, value: JSONValue) in value }
            root.on("emit") { (socket, name: String) in
                do {
                    try socket.emit(name, 1)
                } catch {
                    notes.add("\(type(of: error))")
                }
            }
            root.namespace("/n") { _ in }
        }
    }

    private static let holder = #"{"_placeholder":true,"num":0}"#

    func testItsMessagesAreTheWireInBothDirections() async throws {
        try await withTestServer(App(), Self.server()) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40 / - 0 ")
            XCTAssertTrue(wire.take().first?.hasPrefix(#"40 / - 0 {"sid":""#) == true)
            await wire.say(#"42 / 5 0 ["echo",{"a":1}]"#)
            XCTAssertEqual(wire.take(), [#"43 / 5 0 [{"a":1}]"#])
            await wire.say(#"42 / 6 1 ["echo",\#(Self.holder)]"#)
            XCTAssertEqual(wire.take(), [])
            await wire.say(binary: [7, 8])
            XCTAssertEqual(wire.take(), ["43 / 6 1 [\(Self.holder)]", "b:7,8"])
            await wire.say("40 /none - 0 ")
            XCTAssertEqual(wire.take(), [#"44 /none - 0 {"message":"Invalid namespace"}"#])
        }
    }

    func testTheTestKitSpeaksItOnEveryTransport() async throws {
        for transport in Browser.Transport.allCases {
            try await withTestServer(App(), Self.server()) { server in
                let tab = try await server.browser().connect(transport: transport)
                let value: JSONValue = ["bytes": .binary([1, 2]), "text": "x y"]
                let echoed: JSONValue = try await tab.call("echo", value)
                XCTAssertEqual(echoed, value, "\(transport)")
                let other = try await tab.join("/n")
                await other.disconnect()
                let again: JSONValue = try await tab.call("echo", 1)
                XCTAssertEqual(again, 1)
            }
        }
    }

    func testABroadcastIsWrittenOnce() async throws {
        let parser = WordyParser()
        let io = Self.server(parser)
        try await withTestServer(App(), io) { server in
            var tabs: [TestSocket] = []
            for _ in 0..<5 { tabs.append(try await server.browser().connect()) }
            try await server.act { try await io.emit("news", [UInt8](arrayLiteral: 1)) }
            for tab in tabs {
                let bytes: [UInt8] = try await tab.next("news").decode(0)
                XCTAssertEqual(bytes, [1])
            }
            XCTAssertEqual(parser.written.all.filter { $0 == "event news" }.count, 1)
        }
    }

    func testWhatItThrowsOrLetsThroughClosesItsClientAndNoOther() async throws {
        let io = Self.server()
        try await withTestServer(App(), io) { server in
            let bystander = try await server.browser().connect()
            for text in [
                "4", "42", "49 / - 0 ", "42 / - x ", "42 / - 0 ", #"42 / - 0 ["disconnect"]"#,
                #"42 / - 0 ["#, "42 / - 0 {}", "42 / - 0 []", "43 / - 0 []", "42 n - 0 [\"a\"]",
                "42 /else - 0 [\"a\"]", #"42 / -1 0 ["echo",1]"#, "40 / - 0 ",
                #"44 / - 0 {"message":"x"}"#, #"42 / - 0 ["echo",\#(Self.holder),[[]"#,
            ] {
                let wire = try await server.browser().webSocket()
                await wire.say("40 / - 0 ")
                _ = wire.take()
                await wire.say(text)
                XCTAssertEqual(wire.take(), ["close"], text)
            }
            let alive: JSONValue = try await bystander.call("echo", 1)
            XCTAssertEqual(alive, 1)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
        }
    }

    func testAPacketThatIsNotCompletedInTimeClosesItsClient() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), Self.server(WordyParser(), notes), clock: clock) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40 / - 0 ")
            await wire.say(#"42 / - 2 ["echo",1]"#)
            await clock.advance(by: .seconds(20))
            await wire.say("3")
            await wire.say(binary: [1])
            await clock.advance(by: .milliseconds(9_999))
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: .milliseconds(1))
            XCTAssertEqual(notes.count, 1)
            XCTAssertEqual(wire.take().last, "close")
        }
    }

    func testAPacketInTimeLeavesNoDeadlineBehind() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), Self.server(WordyParser(), notes), clock: clock) { server in
            let tab = try await server.browser().connect()
            let value: JSONValue = try await tab.call("echo", JSONValue.binary([1]))
            XCTAssertEqual(value, .binary([1]))
            await clock.advance(by: .seconds(120))
            XCTAssertEqual(notes.all, [])
        }
    }

    func testWhoHasJoinedNothingGetsNoTimeForAnUnfinishedPacket() async throws {
        let clock = ManualClock()
        let io = Self.server()
        try await withTestServer(App(), io, clock: clock) { server in
            let wire = try await server.browser().webSocket()
            await clock.advance(by: .seconds(40))
            await wire.say("3", #"40 / - 1 {"a":\#(Self.holder)}"#)
            await clock.advance(by: .milliseconds(4_999))
            var count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 1)
            await clock.advance(by: .milliseconds(1))
            count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAnEventThatItCanNotWriteIsAnErrorOfItsEmitter() async throws {
        let notes = Notes()
        let parser = WordyParser(refuses: { $0.event == "bad" })
        let io = Self.server(parser, notes)
        try await withTestServer(App(), io) { server in
            let tab = try await server.browser().connect()
            try await tab.emit("emit", "bad")
            try await tab.emit("emit", "good")
            let good: Int = try await tab.next("good").decode(0)
            XCTAssertEqual(good, 1)
            XCTAssertEqual(notes.all, ["Refusal"])
            do {
                try await server.run { try await io.emit("bad", 1) }
                XCTFail("it can not be written")
            } catch {
                XCTAssertTrue(error is WordyParser.Refusal)
            }
        }
    }

    func testAnAnswerThatItCanNotWriteEndsTheConnection() async throws {
        let parser = WordyParser(refuses: { $0.kind == .ack })
        let io = Self.server(parser)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            await wire.say("40 / - 0 ")
            _ = wire.take()
            await wire.say(#"42 / 1 0 ["echo",1]"#)
            XCTAssertEqual(wire.take().last, "close")
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }

    func testAConnectThatItCanNotWriteEndsTheConnection() async throws {
        let io = Self.server(WordyParser(refuses: { $0.kind == .connect }))
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40 / - 0 ")
            XCTAssertEqual(wire.take(), ["close"])
        }
    }
}
