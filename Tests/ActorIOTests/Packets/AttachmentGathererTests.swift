import Testing

@testable import ActorIO

struct AttachmentGathererTests {
    private func packet(_ text: String) throws -> SocketPacket {
        try PacketParser.parse(Array(text.utf8))
    }

    @Test func givesThePacketBackWithItsAttachments() throws {
        var gatherer = AttachmentGatherer()
        #expect(!gatherer.isWaiting)
        try gatherer.begin(
            try packet(#"52-["b",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#)
        )
        #expect(gatherer.isWaiting)
        #expect(try gatherer.add([1]) == nil)
        #expect(gatherer.isWaiting)
        let (packet, attachments) = try #require(try gatherer.add([2, 3]))
        #expect(!gatherer.isWaiting)
        #expect(packet.event == "b")
        #expect(attachments == [[1], [2, 3]])
        #expect(try packet.arguments(with: attachments).decode(0) == [UInt8]([2, 3]))
        #expect(try packet.arguments(with: attachments).decode(1) == [UInt8]([1]))
    }

    // E 112, CVE-2022-2421.
    @Test(arguments: [
        #""splice""#, "-1", "1.5", "1e300", "99", "1", "null", "true", "[0]", "0.0",
        "9223372036854775808", "-0.5",
    ])
    func refusesPlaceholdersThatNameNothing(_ number: String) throws {
        for text in [
            #"51-["b",{"_placeholder":true,"num":\#(number)}]"#,
            #"51-["b",[[{"a":{"num":\#(number),"_placeholder":true}}]]]"#,
            #"61-1[{"_placeholder":true,"num":\#(number)}]"#,
            #"51-["b",{"_pl\u0061ceholder":true,"num":\#(number)}]"#,
            #"51-["b",{"_placeholder":true,"num":0,"num":\#(number)}]"#,
        ] {
            var gatherer = AttachmentGatherer()
            #expect(throws: PacketError.self) { try gatherer.begin(try packet(text)) }
            #expect(!gatherer.isWaiting)
        }
    }

    @Test(arguments: [
        #"51-["b",{"_placeholder":true}]"#,
        #"51-["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
        #"51-["b",{"_placeholder":false,"_placeholder":true}]"#,
    ])
    func refusesPlaceholdersWithoutNumberAndUsedTwice(_ text: String) throws {
        var gatherer = AttachmentGatherer()
        #expect(throws: PacketError.self) { try gatherer.begin(try packet(text)) }
    }

    @Test func refusesThemNestedTwoHundredDeep() {
        let text =
            #"51-["b","# + String(repeating: "[", count: 200) + #"{"_placeholder":true,"num":0}"#
            + String(repeating: "]", count: 200) + "]"
        #expect(throws: PacketError.self) { try packet(text) }
    }

    @Test func onlyTrueMakesAPlaceholder() throws {
        var gatherer = AttachmentGatherer()
        try gatherer.begin(
            try packet(
                #"51-["b",{"_placeholder":1,"num":99},{"_placeholder":true,"_placeholder":0}]"#
            )
        )
        #expect(try gatherer.add([]) != nil)
    }

    @Test func binaryThatNothingAnnouncedIsRefused() {
        var gatherer = AttachmentGatherer()
        #expect(throws: PacketError.self) { try gatherer.add([1]) }
    }

    @Test func onePacketAtATime() throws {
        var gatherer = AttachmentGatherer()
        let packet = try packet(#"51-["b",{"_placeholder":true,"num":0}]"#)
        try gatherer.begin(packet)
        #expect(throws: PacketError.self) { try gatherer.begin(packet) }
        #expect(gatherer.isWaiting)
    }

    @Test func bytesAreBounded() throws {
        var gatherer = AttachmentGatherer(maxBytes: 3)
        let packet = try packet(#"52-["b",{"_placeholder":true,"num":0}]"#)
        try gatherer.begin(packet)
        #expect(try gatherer.add([1, 2]) == nil)
        #expect(throws: PacketError.self) { try gatherer.add([3, 4]) }
        #expect(!gatherer.isWaiting)
        try gatherer.begin(packet)
        #expect(try gatherer.add([1, 2, 3]) == nil)
        #expect(try gatherer.add([])?.attachments == [[1, 2, 3], []])
    }

    @Test func forgets() throws {
        var gatherer = AttachmentGatherer()
        try gatherer.begin(try packet(#"52-["b"]"#))
        _ = try gatherer.add([1])
        gatherer.cancel()
        #expect(!gatherer.isWaiting)
        #expect(throws: PacketError.self) { try gatherer.add([1]) }
    }
}
