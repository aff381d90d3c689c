import Testing

@testable import ActorIO

struct PacketParserTests {
    private func parse(_ text: String) throws -> SocketPacket {
        try PacketParser.parse(Array(text.utf8))
    }

    private func summary(_ packet: SocketPacket) -> String {
        let payload = String(decoding: packet.bytes[packet.payload], as: UTF8.self)
        let arguments = String(decoding: packet.bytes[packet.arguments], as: UTF8.self)
        let id = packet.id.map { "\($0)" } ?? "-"
        return "\(packet.kind) \(packet.namespace) \(id) \(packet.attachmentCount) "
            + "\(packet.event)|\(payload)|\(arguments)"
    }

    @Test(arguments: [
        ("0", "connect / - 0 ||"),
        ("0{}", "connect / - 0 |{}|"),
        (#"0{"token":"x"}"#, #"connect / - 0 |{"token":"x"}|"#),
        ("0/admin", "connect /admin - 0 ||"),
        ("0/admin,", "connect /admin - 0 ||"),
        ("0/admin,{}", "connect /admin - 0 |{}|"),
        ("0/b?x=1,", "connect /b?x=1 - 0 ||"),
        ("0//,", "connect // - 0 ||"),
        ("0/,{}", "connect / - 0 |{}|"),
        ("0/a-_.ü,", "connect /a-_.ü - 0 ||"),
        (#"0{"a":1,"a":2}"#, #"connect / - 0 |{"a":1,"a":2}|"#),
        ("1", "disconnect / - 0 ||"),
        ("1/admin,", "disconnect /admin - 0 ||"),
        (#"2["hello"]"#, #"event / - 0 hello|["hello"]|"#),
        (#"2["hello",1,{"a":[]}]"#, #"event / - 0 hello|["hello",1,{"a":[]}]|1,{"a":[]}"#),
        (#"212["foo"]"#, #"event / 12 0 foo|["foo"]|"#),
        (#"20["foo"]"#, #"event / 0 0 foo|["foo"]|"#),
        (#"29007199254740992["foo"]"#, #"event / 9007199254740992 0 foo|["foo"]|"#),
        (
            #"2/admin,456["project:delete",123]"#,
            #"event /admin 456 0 project:delete|["project:delete",123]|123"#
        ),
        (#"2[5,"a"]"#, #"event / - 0 5|[5,"a"]|"a""#),
        ("2[-1.5]", "event / - 0 -1.5|[-1.5]|"),
        (#"2 [ "a" , 1 ] "#, #"event / - 0 a| [ "a" , 1 ] | 1 "#),
        (#"2["a\"]b\u0041",2]"#, #"event / - 0 a"]bA|["a\"]b\u0041",2]|2"#),
        (#"2[""]"#, #"event / - 0 |[""]|"#),
        (#"2["__proto__"]"#, #"event / - 0 __proto__|["__proto__"]|"#),
        (#"2["connection"]"#, #"event / - 0 connection|["connection"]|"#),
        (#"2["error"]"#, #"event / - 0 error|["error"]|"#),
        (#"2["Connect"]"#, #"event / - 0 Connect|["Connect"]|"#),
        ("3456[]", "ack / 456 0 |[]|"),
        (#"3/admin,456[1,"2"]"#, #"ack /admin 456 0 |[1,"2"]|1,"2""#),
        (#"4{"message":"no"}"#, #"connectError / - 0 |{"message":"no"}|"#),
        (#"4"no""#, #"connectError / - 0 |"no"|"#),
        (
            #"51-["b",{"_placeholder":true,"num":0}]"#,
            #"binaryEvent / - 1 b|["b",{"_placeholder":true,"num":0}]|"#
                + #"{"_placeholder":true,"num":0}"#
        ),
        (#"510-/admin,7["b"]"#, #"binaryEvent /admin 7 10 b|["b"]|"#),
        (
            #"61-/admin,7[{"_placeholder":true,"num":0}]"#,
            #"binaryAck /admin 7 1 |[{"_placeholder":true,"num":0}]|{"_placeholder":true,"num":0}"#
        ),
    ])
    func readsPackets(_ text: String, _ expected: String) throws {
        #expect(summary(try parse(text)) == expected)
    }

    @Test func startsBehindTheEnginesType() throws {
        let message = Array(#"42["a",1]"#.utf8)
        let packet = try PacketParser.parse(message, from: 1)
        #expect(packet.bytes == message)
        #expect(packet.payload == 2..<9)
        #expect(packet.arguments == 7..<8)
        #expect(try packet.arguments().decode(0) == 1)
    }

    @Test(arguments: [
        // E 123: types.
        "", "7", "8", "9", "x", "😀", " 2[\"a\"]", "-1", "/",
        // E 109: attachment counts.
        #"51000000-["x"]"#, "5" + String(repeating: "9", count: 30), #"5["x"]"#, #"511-["x"]"#,
        "5" + String(repeating: "9", count: 400) + #"-["x"]"#,
        // E 110 and 113.
        #"50-["x"]"#, "60-1[]", "5-[]", #"5-["x"]"#, "51--[]", #"51--["x"]"#, #"5 1-["x"]"#,
        #"5١-["x"]"#,
        #"501-["x"]"#, #"5+1-["x"]"#, #"51["x"]"#, "51-", "51", "5", "6", #"21-["x"]"#,
        // E 114: event payloads.
        #"2[{"toString":"foo"}]"#, "2[]", "2{}", #"2"x""#, "2[null]", #"2[["a"]]"#, "2", "2[true]",
        "2[ ]",
        "2null", "25", "2/admin", "2/admin,", "2/admin,5", "51-[]", "51-{}", "51-[{}]",
        // E 116: reserved names.
        #"2["connect"]"#, #"2["connect_error"]"#, #"2["disconnect"]"#, #"2["disconnecting"]"#,
        #"2["newListener"]"#, #"2["removeListener"]"#, #"2["conn\u0065ct",1]"#,
        #"51-["disconnect"]"#,
        // E 119: namespaces.
        #"2admin,["a"]"#, "0admin", "0/a\u{0}b,", "0/a\nb", "0/\u{7F},", #"2/admin["a"]"#, "0,{}",
        "0/" + String(repeating: "a", count: 1_000_000),
        "0/" + String(repeating: "a", count: 256) + ",",
        // E 120: auth payloads.
        "0[]", #"0"x""#, "0null", "0true", "05", "0{}{}", "0{", #"0{"a":}"#,
        "0" + String(repeating: #"{"a":"#, count: 500) + "1" + String(repeating: "}", count: 500),
        // E 121: ids.
        #"2"# + String(repeating: "9", count: 400) + #"["a"]"#, #"2+1["a"]"#, #"2-1["a"]"#,
        #"201["a"]"#,
        #"200["a"]"#, #"29007199254740993["a"]"#, #"29223372036854775808["a"]"#, "3[]", "3+1[]",
        "301[]",
        "31", "3", "31{}", #"31"a""#, "31null", "61-[]", "61-1", "61-1{}", #"2١["a"]"#, "01{}",
        #"11"#,
        // Elsewhere.
        "1{}", "1[]", "1/admin,x", "4", "4[]", "4null", "45", #"2abc["x"]"#, #"2["x"],"#,
        #"2["x"]["y"]"#,
        #"2["x",]"#, #"2["x""#, #"2["x","\ud8"]"#, "2[\"x\u{1}\"]", "\u{FEFF}2[\"x\"]",
        "2\u{FEFF}[\"x\"]",
    ])
    func refusesHostilePackets(_ text: String) {
        #expect(throws: PacketError.self) { try parse(text) }
    }

    @Test func namesOfAnyKindAreJustNames() throws {
        let long = String(repeating: "n", count: 1_000_000)
        #expect(try parse("2[\"\(long)\"]").event == long)
        #expect(try parse(#"2["a\u0000b"]"#).event == "a\u{0}b")
        let composed = try parse("2[\"\u{e9}\"]").event,
            decomposed = try parse("2[\"e\u{301}\"]").event
        #expect(!composed.utf8.elementsEqual(decomposed.utf8))
        #expect(try parse("0/" + String(repeating: "a", count: 255)).namespace.utf8.count == 256)
    }

    // F 130 and 134.
    @Test func theArrayOfTheEventCountsAsDepth() throws {
        func event(_ depth: Int) -> String {
            #"2["a","# + String(repeating: "[", count: depth - 1)
                + String(repeating: "]", count: depth - 1) + "]"
        }
        _ = try parse(event(64))
        for depth in [65, 400, 512, 513, 100_000] {
            let error = #expect(throws: PacketError.self) { try parse(event(depth)) }
            #expect(error?.reason.contains("tooDeep") == true)
        }
    }

    @Test(arguments: ["[]", #""""#])
    func elementsAreBudgeted(_ element: String) throws {
        let text = #"2["a","# + repeatElement(element, count: 300_000).joined(separator: ",") + "]"
        let error = #expect(throws: PacketError.self) { try parse(text) }
        #expect(error?.reason.contains("tooManyElements") == true)
    }

    // E 122.
    @Test func aMegabyteOfDigitsIsLinear() {
        let digits = String(repeating: "1", count: 1_000_000)
        let time = threadTime {
            for text in [
                digits, "2" + digits, "5" + digits, "3" + digits + "[]", "2[" + digits + "]",
            ] {
                #expect(throws: PacketError.self) { try parse(text) }
            }
        }
        #expect(time < .seconds(2))
    }

    @Test func whatJavaScriptCanSendKeepsTheSocket() throws {
        let packet = try parse(#"2["a","\ud800","\udc00\ud800","\u0000",-0]"#)
        #expect(try packet.arguments().decode(0) == "\u{FFFD}")
        #expect(try packet.arguments().decode(1) == "\u{FFFD}\u{FFFD}")
        #expect(try packet.arguments().decode(2) == "\u{0}")
        #expect(try packet.arguments().decode(3) == 0)
    }

    @Test func theAuthObjectIsOneArgument() throws {
        let packet = try parse(#"0/admin,{"token":"x"}"#)
        #expect(try packet.payloadArgument.decode(0) == ["token": "x"])
        #expect(try parse("0").payloadArgument.isEmpty)
        #expect(try parse("0").payloadArgument.decode(0) == JSONValue?.none)
    }

    @Test func limitsAreOptions() throws {
        let limits = PacketParser.Limits(
            maxAttachments: 2,
            maxDepth: 2,
            maxElements: 5,
            maxNamespace: 3
        )
        func parse(_ text: String) throws {
            _ = try PacketParser.parse(Array(text.utf8), limits: limits)
        }
        try parse(#"52-/ab,["a",[1]]"#)
        for text in [#"53-["a"]"#, #"2["a",[[]]]"#, #"2["a",1,2,3,4]"#, "0/abc"] {
            #expect(throws: PacketError.self) { try parse(text) }
        }
    }
}
