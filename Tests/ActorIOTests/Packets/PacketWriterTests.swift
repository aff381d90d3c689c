import Testing

@testable import ActorIO

struct PacketWriterTests {
    private func text(_ group: MessageGroup) -> String {
        String(decoding: group.storage[group.text], as: UTF8.self)
    }

    private func binary(_ group: MessageGroup) -> [[UInt8]] {
        group.binary.map { Array(group.storage[$0]) }
    }

    private func encoded(_ json: String) -> EncodedArguments {
        let bytes = Array(json.utf8)
        return EncodedArguments(Arguments(bytes: bytes, range: 0..<bytes.count))
    }

    @Test func events() throws {
        #expect(text(PacketWriter.event("a", EncodedArguments(), namespace: "/")) == #"42["a"]"#)
        #expect(text(PacketWriter.event("a", encoded(" "), namespace: "/")) == #"42["a"]"#)
        #expect(
            text(PacketWriter.event("a\"", encoded("1,{}"), namespace: "/")) == #"42["a\"",1,{}]"#
        )
        let event = PacketWriter.event("a", encoded("1"), namespace: "/admin", id: 7)
        #expect(text(event) == #"42/admin,7["a",1]"#)
        #expect(binary(event).isEmpty)
    }

    // The bytes the official test suite compares with.
    @Test func acksAreTheBytesThatCame() throws {
        #expect(
            text(PacketWriter.ack(id: 456, encoded(#"1,"2",{"3":[false]}"#), namespace: "/"))
                == #"43456[1,"2",{"3":[false]}]"#
        )
        var arguments = EncodedArguments()
        try arguments.append(1)
        try arguments.append("2")
        try arguments.append(["3": [false]])
        #expect(
            text(PacketWriter.ack(id: 456, arguments, namespace: "/"))
                == #"43456[1,"2",{"3":[false]}]"#
        )
        #expect(
            text(PacketWriter.ack(id: 0, EncodedArguments(), namespace: "/custom"))
                == "43/custom,0[]"
        )
    }

    @Test func binaryEventsAndAcks() throws {
        var arguments = EncodedArguments()
        try arguments.append([UInt8]([1, 2, 3]))
        try arguments.append("x/y")
        try arguments.append(["k": JSONValue.binary([4])])
        let event = PacketWriter.event("b", arguments, namespace: "/")
        #expect(
            text(event)
                == #"452-["b",{"_placeholder":true,"num":0},"x/y","#
                + #"{"k":{"_placeholder":true,"num":1}}]"#
        )
        #expect(binary(event) == [[1, 2, 3], [4]])
        let ack = PacketWriter.ack(id: 5, arguments, namespace: "/admin")
        #expect(text(ack).hasPrefix(#"462-/admin,5[{"_placeholder":true,"num":0},"#))
        #expect(binary(ack) == [[1, 2, 3], [4]])
    }

    @Test func joiningAndLeaving() {
        #expect(text(PacketWriter.connect(sid: "abc", namespace: "/")) == #"40{"sid":"abc"}"#)
        #expect(
            text(PacketWriter.connect(sid: "a", pid: "p", namespace: "/admin"))
                == #"40/admin,{"sid":"a","pid":"p"}"#
        )
        #expect(text(PacketWriter.connect(auth: nil, namespace: "/")) == "40")
        #expect(
            text(PacketWriter.connect(auth: Array(#"{"t":1}"#.utf8), namespace: "/b"))
                == #"40/b,{"t":1}"#
        )
        #expect(
            text(PacketWriter.connectError(message: "not authorized", namespace: "/"))
                == #"44{"message":"not authorized"}"#
        )
        #expect(
            text(
                PacketWriter.connectError(
                    message: "no",
                    data: Array(#"{"c":1}"#.utf8),
                    namespace: "/a"
                )
            )
                == #"44/a,{"message":"no","data":{"c":1}}"#
        )
        #expect(text(PacketWriter.disconnect(namespace: "/")) == "41")
        #expect(text(PacketWriter.disconnect(namespace: "/admin")) == "41/admin,")
    }

    @Test func theFramesHoldTheText() {
        let group = PacketWriter.event("a", encoded("1"), namespace: "/")
        #expect(Array(group.frames) == [0x81, 9] + Array(#"42["a",1]"#.utf8))
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var arguments = EncodedArguments()
        try arguments.append("line\n\u{2028}\u{1E}")
        try arguments.append([UInt8]([9]))
        let group = PacketWriter.event("ev\"ent", arguments, namespace: "/n", id: 3)
        let packet = try PacketParser.parse(Array(group.storage[group.text]), from: 1)
        #expect(packet.event == "ev\"ent")
        #expect(packet.namespace == "/n")
        #expect(packet.id == 3)
        #expect(packet.kind == .binaryEvent)
        let read = packet.arguments(with: binary(group))
        #expect(try read.decode(0) == "line\n\u{2028}\u{1E}")
        #expect(try read.decode(1) == [UInt8]([9]))
    }
}
