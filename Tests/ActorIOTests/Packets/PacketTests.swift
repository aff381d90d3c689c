import Testing

@testable import ActorIO

/// What the author of a parser sees of a packet, and what is demanded of the parser.
struct PacketTests {
    @Test func aPacketOfAValueShowsItsParts() throws {
        let packet = Packet(.event, namespace: "/n", id: 7, data: ["photo", .binary([1]), [2.5]])
        #expect(packet.event == "photo")
        #expect(packet.data == ["photo", .binary([1]), [2.5]])
        #expect(packet.json == #"["photo",{"_placeholder":true,"num":0},[2.5]]"#)
        #expect(packet.attachments == [[1]])
        #expect(packet.arguments.count == 2)
        #expect(try packet.arguments.decode(0, as: [UInt8].self) == [1])
        #expect(try packet.arguments.decode(1, as: JSONValue.self) == [2.5])

        let ack = Packet(.ack, id: 1, data: ["a"])
        #expect(ack.event == nil)
        #expect(try ack.arguments.decode(0, as: String.self) == "a")

        let bare = Packet(.disconnect)
        #expect(bare.data == nil && bare.json == nil && bare.event == nil)
        #expect(bare.arguments.isEmpty && bare.namespace == "/" && bare.id == nil)
    }

    @Test func theNamesOfEventsMayBeNumbersOrMissing() throws {
        #expect(try Packet(.event, json: " [ 12 , 1 ] ").event == "12")
        #expect(try Packet(.event, json: " [ 12 , 1 ] ").arguments.count == 1)
        #expect(try Packet(.event, json: #"["a\n"]"#).event == "a\n")
        #expect(Packet(.event, data: []).event == nil)
        #expect(Packet(.event, data: []).arguments.isEmpty)
        #expect(Packet(.event, data: 1).event == nil)
        #expect(Packet(.connect, data: ["a": 1]).arguments.isEmpty)
    }

    @Test func aPacketOfTextKeepsEveryDigitAndRefusesWhatIsNoJSON() throws {
        let packet = try Packet(.event, json: #"["n",18446744073709551615]"#)
        #expect(packet.json == #"["n",18446744073709551615]"#)
        #expect(try packet.arguments.decode(0, as: UInt64.self) == .max)
        for text in ["", "[", #"["a""#, "[1]x", "{]"] {
            #expect(throws: JSONError.self, "\(text)") { try Packet(.event, json: text) }
        }
    }

    private func refused(_ packet: Packet, _ limits: PacketLimits = PacketLimits()) -> Bool {
        (try? PacketParser.check(packet, limits: limits)) == nil
    }

    @Test func aParsersPacketsAreHeldToTheRulesOfTheText() throws {
        #expect(!refused(Packet(.event, data: ["a"])))
        #expect(!refused(Packet(.event, id: 1 << 53, data: ["a"])))
        #expect(refused(Packet(.event, id: 1 << 53 + 1, data: ["a"])))
        #expect(refused(Packet(.event, id: -1, data: ["a"])))
        #expect(refused(Packet(.event, id: .max, data: ["a"])))
        #expect(refused(Packet(.ack, data: [])))
        #expect(refused(Packet(.connect, id: 0)))
        #expect(refused(Packet(.event)))
        #expect(refused(Packet(.event, data: [])))
        #expect(refused(Packet(.event, data: [nil])))
        #expect(refused(Packet(.event, data: ["a": 1])))
        #expect(refused(Packet(.event, data: ["newListener"])))
        #expect(refused(Packet(.event, data: [.binary([1])])))
        #expect(refused(Packet(.disconnect, data: nil ?? [:])))
        #expect(refused(Packet(.connect, data: [])))
        #expect(refused(Packet(.event, namespace: "", data: ["a"])))
        #expect(refused(Packet(.event, namespace: "/\u{1}", data: ["a"])))
        let long = "/" + String(repeating: "n", count: 255)
        #expect(!refused(Packet(.event, namespace: long, data: ["a"])))
        #expect(refused(Packet(.event, namespace: long + "n", data: ["a"])))
    }

    @Test func aParsersPacketsAreHeldToTheLimits() throws {
        let limits = PacketLimits(maxAttachments: 1, maxDepth: 2, maxElements: 4)
        #expect(
            !refused(Packet(.event, data: ["a", .binary([])]), PacketLimits(maxAttachments: 1))
        )
        #expect(
            refused(
                Packet(.event, data: ["a", .binary([]), .binary([])]),
                PacketLimits(maxAttachments: 1)
            )
        )
        #expect(!refused(Packet(.event, data: ["a", []]), limits))
        #expect(refused(Packet(.event, data: ["a", [[]]]), limits))
        #expect(!refused(Packet(.event, data: ["a", 1, 2]), limits))
        #expect(refused(Packet(.event, data: ["a", 1, 2, 3]), limits))
        let outside = try Packet(
            .event,
            json: #"["a",{"_placeholder":true,"num":1}]"#,
            attachments: [[1]]
        )
        #expect(refused(outside))
        let twice = #"{"_placeholder":true,"num":0}"#
        #expect(refused(try Packet(.event, json: "[\"a\",\(twice),\(twice)]", attachments: [[1]])))
    }

    @Test func onlyTheFirstMessageOfAPacketMayBeText() throws {
        func messages(_ list: [EngineMessage]) throws -> [[UInt8]] {
            let group = try PacketFormat.group(list)
            let text = group.hasText ? [Array(group.storage[group.text])] : []
            return text + group.binary.map { Array(group.storage[$0]) }
        }
        #expect(try messages([.text("x")]) == [Array("4x".utf8)])
        #expect(try messages([.text(""), .binary([1]), .binary([])]) == [[0x34], [1], []])
        #expect(try messages([.binary([2]), .binary([1])]) == [[2], [1]])
        #expect(throws: PacketError.self) { try messages([]) }
        #expect(throws: PacketError.self) { try messages([.text("x"), .text("y")]) }
        #expect(throws: PacketError.self) { try messages([.binary([1]), .text("y")]) }
    }

    /// Gives no packet back, whatever comes.
    private struct Hoarder: CustomParser, PacketReader {
        func write(_ packet: Packet) throws -> [EngineMessage] { [] }
        func makeReader(_ limits: PacketLimits) -> any PacketReader { self }
        func read(_ message: EngineMessage) throws -> Packet? { nil }
    }

    @Test func aPacketThatNeverEndsIsBoundedInMessagesAndBytes() throws {
        let limits = PacketLimits(maxAttachments: 2)
        let counted = CheckedReader(Hoarder(), limits: limits, maxBytes: 1_000)
        #expect(!counted.isWaiting)
        for _ in 0..<3 { #expect(try counted.read(.text("x")) == nil) }
        #expect(counted.isWaiting)
        #expect(throws: PacketError("a packet of too many messages")) {
            try counted.read(.binary([]))
        }
        let weighed = CheckedReader(Hoarder(), limits: limits, maxBytes: 3)
        #expect(try weighed.read(.text("xxxx")) == nil)
        #expect(try weighed.read(.binary([1, 2])) == nil)
        #expect(throws: PacketError("messages too large")) { try weighed.read(.text("é")) }
    }
}
