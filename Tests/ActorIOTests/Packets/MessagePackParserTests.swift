import Testing

@testable import ActorIO

/// Packets of the `socket.io-msgpack-parser`, byte by byte.
struct MessagePackParserTests {
    private func read(_ bytes: [UInt8]) throws -> (packet: SocketPacket, attachments: [[UInt8]]) {
        let reader = CheckedReader(
            MessagePackParser(),
            limits: PacketLimits(),
            maxBytes: 1_000_000
        )
        let outcome = try reader.read(.binary(bytes))
        return try #require(outcome)
    }

    private func summary(_ bytes: [UInt8]) throws -> String {
        let (packet, attachments) = try read(bytes)
        let payload = String(decoding: packet.bytes[packet.payload], as: UTF8.self)
        let id = packet.id.map { " \($0)" } ?? ""
        let binary = attachments.isEmpty ? "" : " \(attachments)"
        return "\(packet.kind) \(packet.namespace)\(id) \(payload)\(binary)"
    }

    private func summary(_ text: String) throws -> String { try summary(packed(text)) }

    @Test func packetsOfEachKindAreRead() throws {
        let vectors = [
            "82 'type' 00 'nsp' '/'": "connect / ",
            "83 'type' 00 'nsp' '/admin' 'data' 81 't' 01": #"connect /admin {"t":1}"#,
            "82 'type' 01 'nsp' '/admin'": "disconnect /admin ",
            "83 'type' 02 'nsp' '/' 'data' 92 'a' 01": #"event / ["a",1]"#,
            "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' 00": #"event / 0 ["a"]"#,
            "84 'type' 03 'nsp' '/' 'data' 90 'id' CD 01 C8": "ack / 456 []",
            "83 'type' 04 'nsp' '/' 'data' 81 'message' 'no'": #"connectError / {"message":"no"}"#,
            "83 'type' 04 'nsp' '/' 'data' 'no'": #"connectError / "no""#,
            // The name of an event may be a number, in any order of the members, in any form.
            "DE 00 03 'data' 91 07 'nsp' D9 01 2F 'type' CC 02": "event / [7]",
        ]
        for (bytes, text) in vectors { #expect(try summary(bytes) == text, "\(bytes)") }
    }

    @Test func whatTheReferenceSendsBesidesIsOverlooked() throws {
        // socket.io-client sends its options, and notepack.io what is undefined.
        let bytes = packed(
            "85 'type' 00 'data' D4 00 00 'options' 81 'compress' C3 'nsp' '/' 'id' D4 00 00"
        )
        #expect(try summary(bytes) == "connect / ")
        // python-socketio sends nil.
        #expect(try summary("83 'type' 01 'data' C0 'nsp' '/'") == "disconnect / ")
        #expect(try summary("84 'type' 00 'data' C0 'nsp' '/' 'id' C0") == "connect / ")
        #expect(try summary("83 'type' CB 40 00*7 'nsp' '/' 'data' 91 'a'") == #"event / ["a"]"#)
    }

    @Test func bytesMayStandAnywhereInAnEventAnAckAndAnAuth() throws {
        let holder = #"{"_placeholder":true,"num":0}"#
        #expect(
            try summary("83 'type' 02 'nsp' '/' 'data' 92 'a' 81 'b' C4 02 01 02")
                == #"event / ["a",{"b":\#(holder)}] [[1, 2]]"#
        )
        #expect(
            try summary("84 'type' 03 'nsp' '/' 'id' 01 'data' 91 C7 01 00 09")
                == "ack / 1 [\(holder)] [[9]]"
        )
        #expect(
            try summary("83 'type' 00 'nsp' '/' 'data' 81 'k' C4 01 05")
                == #"connect / {"k":\#(holder)} [[5]]"#
        )
    }

    @Test func ofMembersThatAreSaidTwiceTheLastCounts() throws {
        #expect(
            try summary("86 'type' 01 'nsp' '/a' 'data' 91 'a' 'nsp' '/b' 'data' 91 'b' 'type' 02")
                == #"event /b ["b"]"#
        )
    }

    private static let hostile = [
        // No map, no packet, too much, too little.
        "", "C0", "90", "01", "A1 61", "80", "C1", "D4 00 00", "DE 00 00", "82 'type' 02 'nsp' '/'",
        "83 'type' 02 'nsp' '/' 'data' 91 'a' 00", "83 'type' 02 'nsp' '/' 'data'",
        "84 'type' 02 'nsp' '/' 'data' 91 'a'", "81 01 02", "DF FF*4 'type' 02",
        // Types.
        "83 'type' 05 'nsp' '/' 'data' 92 'a' C4 00", "83 'type' 06 'nsp' '/' 'data' 91 C4 00",
        "83 'type' FF 'nsp' '/' 'data' 91 'a'", "83 'type' '2' 'nsp' '/' 'data' 91 'a'",
        "83 'type' C0 'nsp' '/' 'data' 91 'a'", "82 'nsp' '/' 'data' 91 'a'",
        "83 'type' CB 40 04 00*6 'nsp' '/' 'data' 91 'a'", "83 'type' CF FF*8 'nsp' '/' 'data' 90",
        "83 'type' 91 02 'nsp' '/' 'data' 91 'a'",
        // Namespaces.
        "82 'type' 02 'data' 91 'a'", "83 'type' 02 'nsp' C0 'data' 91 'a'",
        "83 'type' 02 'nsp' '' 'data' 91 'a'", "83 'type' 02 'nsp' 'a' 'data' 91 'a'",
        "83 'type' 02 'nsp' 01 'data' 91 'a'", "83 'type' 02 'nsp' A2 2F 00 'data' 91 'a'",
        "83 'type' 02 'nsp' A2 2F 0A 'data' 91 'a'", "83 'type' 02 'nsp' A2 2F 7F 'data' 91 'a'",
        "83 'type' 02 'nsp' DA 01 01 2F*257 'data' 91 'a'",
        "83 'type' 02 'nsp' C4 01 2F 'data' 91 'a'",
        // Ids.
        "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' FF",
        "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' C3",
        "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' '1'",
        "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' CB 3F F8 00*6",
        "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' CF 00 20 00*5 01",
        "84 'type' 02 'nsp' '/' 'data' 91 'a' 'id' CF FF*8",
        "83 'type' 03 'nsp' '/' 'data' 90", "83 'type' 00 'nsp' '/' 'id' 01",
        "83 'type' 01 'nsp' '/' 'id' 01",
        // Payloads.
        "83 'type' 00 'nsp' '/' 'data' 90", "83 'type' 00 'nsp' '/' 'data' 01",
        "83 'type' 00 'nsp' '/' 'data' 'x'", "83 'type' 01 'nsp' '/' 'data' 80",
        "83 'type' 02 'nsp' '/' 'data' 80", "83 'type' 02 'nsp' '/' 'data' 'a'",
        "83 'type' 02 'nsp' '/' 'data' C0", "83 'type' 02 'nsp' '/' 'data' 90",
        "83 'type' 02 'nsp' '/' 'data' 91 C0", "83 'type' 02 'nsp' '/' 'data' 91 91 'a'",
        "83 'type' 02 'nsp' '/' 'data' 91 C4 01 61", "83 'type' 02 'nsp' '/' 'data' 91 D4 00 00",
        "84 'type' 03 'nsp' '/' 'data' 80 'id' 01", "82 'type' 04 'nsp' '/'",
        // Reserved names.
        "83 'type' 02 'nsp' '/' 'data' 91 'connect'",
        "83 'type' 02 'nsp' '/' 'data' 91 'connect_error'",
        "83 'type' 02 'nsp' '/' 'data' 91 'disconnect'",
        "83 'type' 02 'nsp' '/' 'data' 91 'disconnecting'",
        "83 'type' 02 'nsp' '/' 'data' 91 'newListener'",
        "83 'type' 02 'nsp' '/' 'data' 91 'removeListener'",
        // Eleven attachments, and an object beside bytes that pretends to be one.
        "83 'type' 02 'nsp' '/' 'data' 9C 'a' " + String(repeating: "C4 00 ", count: 11),
        "83 'type' 02 'nsp' '/' 'data' 93 'a' C4 00 82 AC 5F 70 6C 61 63 65 68 6F 6C 64 65 72 C3"
            + " 'num' 00",
    ]

    @Test func whatNoClientSendsIsRefused() {
        for text in Self.hostile {
            #expect(throws: (any Error).self, "\(text)") { try summary(text) }
        }
    }

    @Test func limitsOfDepthAndCountHoldForTheWholePacket() throws {
        func event(_ value: [UInt8]) -> [UInt8] {
            packed("83 'type' 02 'nsp' '/' 'data' 92 'a'") + value
        }
        let nested = [UInt8](repeating: 0x91, count: 62) + [0x90]
        _ = try read(event(nested))
        #expect(throws: (any Error).self) { try read(event([0x91] + nested)) }
        #expect(throws: (any Error).self) {
            try read(event([UInt8](repeating: 0x91, count: 100_000)))
        }
        let many = [0xDD, 0, 1, 0x86, 0x9F] + [UInt8](repeating: 0, count: 99_999)
        #expect(throws: PacketError("too many values")) { try read(event(many)) }
    }

    @Test func aTextMessageIsRefused() {
        let reader = CheckedReader(MessagePackParser(), limits: PacketLimits(), maxBytes: 100)
        #expect(throws: PacketError("a text among MessagePack")) {
            try reader.read(.text(#"2["a"]"#))
        }
    }

    private func written(_ group: MessageGroup) -> [UInt8] {
        #expect(!group.hasText)
        #expect(group.messageCount == 1)
        return group.binary.flatMap { Array(group.storage[$0]) }
    }

    @Test func packetsOfEachKindAreWritten() throws {
        let format = PacketFormat(MessagePackParser())
        var arguments = EncodedArguments()
        #expect(
            written(try format.event("a", arguments, namespace: "/"))
                == packed("83 'type' 02 'nsp' '/' 'data' 91 'a'")
        )
        try arguments.append(JSONValue.object(["b": .binary([1, 2]), "c": 1.5]))
        try arguments.append("x\n")
        #expect(
            written(try format.event("a\"", arguments, namespace: "/n", id: 300))
                == packed(
                    "84 'type' 02 'nsp' '/n' 'data' 93 'a\"' 82 'b' C4 02 01 02 'c' CB 3F F8 00*6"
                        + " A2 78 0A 'id' CD 01 2C"
                )
        )
        #expect(
            written(try format.ack(id: 0, EncodedArguments(), namespace: "/"))
                == packed("84 'type' 03 'nsp' '/' 'data' 90 'id' 00")
        )
        #expect(
            written(try format.connect(sid: "s", pid: "p", namespace: "/"))
                == packed("83 'type' 00 'nsp' '/' 'data' 82 'sid' 's' 'pid' 'p'")
        )
        #expect(
            written(
                try format.connectError(message: "no", data: Array("[1]".utf8), namespace: "/n")
            ) == packed("83 'type' 04 'nsp' '/n' 'data' 82 'message' 'no' 'data' 91 01")
        )
        #expect(
            written(try format.disconnect(namespace: "/n")) == packed("82 'type' 01 'nsp' '/n'")
        )
        #expect(
            written(try format.connect(auth: nil, namespace: "/"))
                == packed("82 'type' 00 'nsp' '/'")
        )
    }
}
