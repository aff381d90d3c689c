import Testing

@testable import ActorIO

struct MessagePackReaderTests {
    private func read(_ bytes: [UInt8], _ limits: PacketLimits = PacketLimits()) throws -> String {
        var reader = MessagePackReader(bytes, limits)
        let place = try reader.value()
        #expect(reader.isAtEnd)
        return String(decoding: reader.json[place], as: UTF8.self)
    }

    private func read(_ text: String) throws -> String { try read(packed(text)) }

    private func refused(_ text: String, _ reason: String) {
        #expect(throws: PacketError(reason), "\(text)") { try read(packed(text)) }
    }

    private static let ended = "MessagePack that ends inside a value"

    @Test func everyIntegerFormatIsReadExactly() throws {
        let vectors = [
            "00": "0", "01": "1", "7F": "127",
            "FF": "-1", "E0": "-32",
            "CC 00": "0", "CC FF": "255",
            "CD 01 00": "256", "CD FF FF": "65535",
            "CE 00 01 00 00": "65536", "CE FF FF FF FF": "4294967295",
            "CF 00 00 00 01 00 00 00 00": "4294967296",
            "CF 00 20 00 00 00 00 00 01": "9007199254740993",
            "CF FF*8": "18446744073709551615",
            "D0 DF": "-33", "D0 80": "-128", "D0 7F": "127",
            "D1 FF 7F": "-129", "D1 80 00": "-32768",
            "D2 FF FF 7F FF": "-32769", "D2 80 00 00 00": "-2147483648",
            "D3 FF FF FF FF 7F FF FF FF": "-2147483649",
            "D3 80 00*7": "-9223372036854775808",
            "D3 7F FF*7": "9223372036854775807",
        ]
        for (bytes, json) in vectors { #expect(try read(bytes) == json, "\(bytes)") }
    }

    @Test func floatsAreReadAndWhatIsNoNumberIsNull() throws {
        let vectors = [
            "CA 3F 80 00 00": "1", "CA BF 00 00 00": "-0.5",
            // A float of four bytes is the double that JavaScript makes of it.
            "CA 3D CC CC CD": "0.10000000149011612",
            "CA 7F C0 00 00": "null", "CA 7F 80 00 00": "null", "CA FF 80 00 00": "null",
            "CB 3F B9 99 99 99 99 99 9A": "0.1", "CB C0 08 00*6": "-3",
            "CB 7F EF FF FF FF FF FF FF": "1.7976931348623157e+308",
            "CB 00*7 01": "5e-324", "CB 80 00*7": "-0",
            "CB 7F F8 00*6": "null", "CB 7F F0 00*6": "null", "CB FF F0 00*6": "null",
        ]
        for (bytes, json) in vectors { #expect(try read(bytes) == json, "\(bytes)") }
    }

    @Test func constantsAndTheByteThatIsNeverUsed() throws {
        #expect(try read("C0") == "null")
        #expect(try read("C2") == "false")
        #expect(try read("C3") == "true")
        refused("C1", "a byte that MessagePack never uses")
        refused("92 01 C1", "a byte that MessagePack never uses")
    }

    @Test func everyStringFormatIsReadAndEscaped() throws {
        #expect(try read("A0") == #""""#)
        #expect(try read("A3 C3 A9 0A") == #""é\n""#)
        #expect(try read("A5 22 5C 2F 00 7F") == #""\"\\/\u0000"# + "\u{7F}\"")
        #expect(try read("A4 F0 9F 98 80") == #""😀""#)
        let long = String(repeating: "x", count: 31)
        #expect(try read([0xBF] + Array(long.utf8)) == "\"\(long)\"")
        #expect(try read("D9 02 61 62") == #""ab""#)
        #expect(try read("DA 00 02 61 62") == #""ab""#)
        #expect(try read("DB 00 00 00 02 61 62") == #""ab""#)
    }

    @Test func whatIsNotUTF8IsRefused() {
        for bytes in ["A1 FF", "A2 C3 28", "A1 C3", "A3 ED A0 80", "A2 C0 80", "D9 01 80"] {
            refused(bytes, "a string that is not UTF-8")
        }
        refused("81 A1 FF 01", "a string that is not UTF-8")
    }

    @Test func bytesBecomeAttachmentsInTheirOrder() throws {
        var reader = MessagePackReader(
            packed("94 C4 00 C4 02 01 02 C5 00 01 03 C6 00 00 00 01 04"),
            PacketLimits()
        )
        let place = try reader.value()
        let holders = (0..<4).map { "{\"_placeholder\":true,\"num\":\($0)}" }
        let json = String(decoding: reader.json[place], as: UTF8.self)
        #expect(json == "[\(holders.joined(separator: ","))]")
        #expect(reader.attachments == [[], [1, 2], [3], [4]])
    }

    @Test func everyContainerFormatIsRead() throws {
        #expect(try read("90") == "[]")
        #expect(try read("80") == "{}")
        #expect(try read("93 01 90 92 02 80") == "[1,[],[2,{}]]")
        #expect(try read("82 'a' 01 'b' 81 'c' 91 C0") == #"{"a":1,"b":{"c":[null]}}"#)
        #expect(try read("DC 00 02 01 02") == "[1,2]")
        #expect(try read("DD 00 00 00 02 01 02") == "[1,2]")
        #expect(try read("DE 00 01 'a' 01") == #"{"a":1}"#)
        #expect(try read("DF 00 00 00 01 'a' 01") == #"{"a":1}"#)
        #expect(try read("DC 00 00") == "[]")
        #expect(try read("DF 00 00 00 00") == "{}")
        #expect(try read("81 D9 01 61 01") == #"{"a":1}"#)
        let fifteen = [0x9F] + [UInt8](repeating: 1, count: 15)
        #expect(
            try read(fifteen) == "[" + Array(repeating: "1", count: 15).joined(separator: ",") + "]"
        )
    }

    @Test func namesAreStringsAndTheLastOfTwoCounts() throws {
        for name in ["01", "C0", "C4 01 61", "90", "80", "C3", "CB 00*8"] {
            refused("81 \(name) 01", "a name that is no string")
        }
        var reader = MessagePackReader(packed("82 'a' 01 'a' 02"), PacketLimits())
        let place = try reader.value()
        let value: JSONValue = try Arguments(bytes: reader.json, range: place).decode(0)
        #expect(value == ["a": 2])
    }

    @Test func theTimestampsOfTheSpecificationAreTextsAsJSONHasThem() throws {
        let vectors = [
            "D6 FF 00 00 00 00": "1970-01-01T00:00:00.000Z",
            "D6 FF FF FF FF FF": "2106-02-07T06:28:15.000Z",
            // 500 ms in the upper thirty bits, one second in the lower thirty-four.
            "D7 FF 77 35 94 00 00 00 00 01": "1970-01-01T00:00:01.500Z",
            "C7 0C FF 1D CD 65 00 FF*8": "1969-12-31T23:59:59.500Z",
        ]
        for (bytes, text) in vectors { #expect(try read(bytes) == "\"\(text)\"", "\(bytes)") }
        // No date of JavaScript: too far away, or more than a second of nanoseconds.
        #expect(try read("C7 0C FF 00*4 7F FF*7") == "null")
        #expect(try read("C7 0C FF 00*4 80 00*7") == "null")
        #expect(try read("C7 0C FF FF*4 00*8") == "null")
        #expect(try read("D7 FF FF*8") == "null")
    }

    @Test func theExtensionsOfTheReferenceAreRead() throws {
        // notepack.io 2: undefined, Date in milliseconds, ArrayBuffer.
        #expect(try read("D7 00 00 00 00 00 00 00 03 E8") == #""1970-01-01T00:00:01.000Z""#)
        #expect(try read("D7 00 FF*8") == #""1969-12-31T23:59:59.999Z""#)
        #expect(try read("D7 00 7F FF*7") == "null")
        #expect(try read("D4 00 00") == "")
        #expect(try read("93 01 D4 00 00 02") == "[1,null,2]")
        #expect(try read("83 'a' D4 00 00 'b' 01 'c' D4 00 00") == #"{"b":1}"#)
        #expect(try read("82 'a' 01 'b' 81 'c' D4 00 00") == #"{"a":1,"b":{}}"#)
        var reader = MessagePackReader(
            packed("93 C7 01 00 07 C8 00 01 00 08 C9 00 00 00 08 00 09*8"),
            PacketLimits()
        )
        _ = try reader.value()
        #expect(reader.attachments == [[7], [8], [UInt8](repeating: 9, count: 8)])
    }

    @Test func allOtherExtensionsAreRefused() {
        let unknown = [
            "D4 01 00", "D4 FF 00", "D5 00 00 00", "D6 00 00*4", "D7 01 00*8", "D8 00 00*16",
            "D8 FF 00*16", "C7 00 FF", "C7 04 FF 00*4", "C7 08 FF 00*8", "C7 0B FF 00*11",
            "C7 01 01 31", "C8 00 01 7F 00", "C9 00 00 00 01 80 00",
        ]
        for bytes in unknown { refused(bytes, "an unknown extension of MessagePack") }
    }

    @Test func whatEndsTooSoonIsRefusedAtEveryByte() throws {
        let whole = packed(
            "DC 00 0D CD 01 00 CB 00*8 D9 02 61 62 C4 02 01 02 81 'a' 01 D6 FF 00*4 D7 FF 00*8"
                + " C7 0C FF 00*12 D4 00 00 C7 01 00 07 CE 00*4 D3 00*8 DE 00 01 'b' 90"
        )
        _ = try read(whole)
        for end in whole.indices {
            #expect(throws: PacketError(Self.ended), "\(end)") { try read(Array(whole[..<end])) }
        }
    }

    @Test func lengthsOfFourGigabytesCostNothing() {
        for head in ["DB", "C6", "C9", "DD", "DF"] {
            refused("\(head) FF*4", Self.ended)
            refused("\(head) FF*4 00*100", Self.ended)
        }
        refused("DD FF*4 90*50", Self.ended)
        refused("92 DF FF*4 'a' 01", Self.ended)
    }

    @Test func nestingEndsAtTheLimit() throws {
        let limits = PacketLimits(maxDepth: 64)
        let deep = [UInt8](repeating: 0x91, count: 63) + [0x90]
        #expect(
            try read(deep, limits)
                == String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        )
        let tooDeep = PacketError("nested too deep")
        #expect(throws: tooDeep) { try read([0x91] + deep, limits) }
        let arrays = [UInt8](repeating: 0x91, count: 100_000)
        #expect(throws: tooDeep) { try read(arrays, limits) }
        let maps = (0..<100_000).flatMap { _ in packed("81 'a'") }
        #expect(throws: tooDeep) { try read(maps, limits) }
    }

    @Test func valuesNamesAndAttachmentsAreCounted() throws {
        let limits = PacketLimits(maxAttachments: 2, maxElements: 7)
        #expect(try read(packed("93 01 81 'a' 02 90"), limits) == #"[1,{"a":2},[]]"#)
        #expect(try read(packed("96 01*6"), limits) == "[1,1,1,1,1,1]")
        #expect(throws: PacketError("too many values")) { try read(packed("97 01*7"), limits) }
        #expect(try read(packed("83 'a' 01 'b' 01 'c' 90"), limits).count > 7)
        #expect(throws: PacketError("too many values")) {
            try read(packed("84 'a' 01 'b' 01 'c' 90 'd' 01"), limits)
        }
        #expect(try read(packed("92 C4 00 C7 00 00"), limits).contains("num"))
        #expect(throws: PacketError("too many attachments")) {
            try read(packed("93 C4 00 C4 00 C4 00"), limits)
        }
        #expect(throws: PacketError("too many attachments")) {
            try read(packed("93 C4 00 C4 00 C7 00 00"), limits)
        }
    }
}
