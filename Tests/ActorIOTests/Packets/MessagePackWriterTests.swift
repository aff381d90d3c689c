import Testing

@testable import ActorIO

struct MessagePackWriterTests {
    private func write(_ json: String, _ attachments: [[UInt8]] = []) throws -> [UInt8] {
        let bytes = Array(json.utf8)
        var writer = MessagePackWriter()
        try writer.json(Arguments(bytes: bytes, range: 0..<bytes.count, attachments: attachments))
        return writer.bytes
    }

    @Test func numbersTakeTheShortestForm() throws {
        let vectors = [
            "0": "00", "127": "7F", "128": "CC 80", "255": "CC FF", "256": "CD 01 00",
            "65535": "CD FF FF", "65536": "CE 00 01 00 00", "4294967295": "CE FF*4",
            "4294967296": "CF 00 00 00 01 00*4",
            "9223372036854775807": "CF 7F FF*7", "9223372036854775808": "CF 80 00*7",
            "18446744073709551615": "CF FF*8",
            "-1": "FF", "-32": "E0", "-33": "D0 DF", "-128": "D0 80", "-129": "D1 FF 7F",
            "-32768": "D1 80 00", "-32769": "D2 FF FF 7F FF", "-2147483648": "D2 80 00*3",
            "-2147483649": "D3 FF FF FF FF 7F FF FF FF", "-9223372036854775808": "D3 80 00*7",
        ]
        for (json, bytes) in vectors { #expect(try write(json) == packed(bytes), "\(json)") }
    }

    @Test func numbersThatAreNotWholeAreDoubles() throws {
        let vectors = [
            "0.1": "CB 3F B9 99 99 99 99 99 9A", "-1.5": "CB BF F8 00*6",
            "1.7976931348623157e308": "CB 7F EF FF FF FF FF FF FF", "5e-324": "CB 00*7 01",
            "-0": "CB 80 00*7", "-0.0": "CB 80 00*7",
            // Whole ones are integers, however they are spelled.
            "1.0": "01", "1e3": "CD 03 E8", "-2.50e1": "E7", "1e19": "CF 8A C7 23 04 89 E8 00 00",
            // What no integer holds is a double.
            "18446744073709551616": "CB 43 F0 00*6", "-9223372036854775809": "D3 80 00*7",
            "1e20": "CB 44 15 AF 1D 78 B5 8C 40",
        ]
        for (json, bytes) in vectors { #expect(try write(json) == packed(bytes), "\(json)") }
    }

    @Test func constantsStringsAndContainers() throws {
        #expect(try write("null") == [0xC0])
        #expect(try write("[true,false]") == packed("92 C3 C2"))
        #expect(
            try write(#"{"a":{},"b":[[],"c\u0041\n"]}"#)
                == packed("82 'a' 80 'b' 92 90 A3 63 41 0A")
        )
        #expect(try write("\"é😀\"") == packed("A6 C3 A9 F0 9F 98 80"))
        #expect(try write(" [ 1 , 2 ] ") == packed("92 01 02"))
    }

    @Test func lengthsTakeTheShortestHead() throws {
        func text(_ count: Int) -> String { String(repeating: "x", count: count) }
        for (count, head) in [
            31: "BF", 32: "D9 20", 255: "D9 FF", 256: "DA 01 00", 65_535: "DA FF FF",
            65_536: "DB 00 01 00 00",
        ] {
            let body = [UInt8](repeating: 0x78, count: count)
            #expect(try write("\"\(text(count))\"") == packed(head) + body, "\(count)")
        }
        for (count, head) in [
            15: "9F", 16: "DC 00 10", 65_535: "DC FF FF", 65_536: "DD 00 01 00 00",
        ] {
            let list = Array(repeating: "1", count: count).joined(separator: ",")
            let body = [UInt8](repeating: 1, count: count)
            #expect(try write("[\(list)]") == packed(head) + body, "\(count)")
        }
        for (count, head) in [15: "8F", 16: "DE 00 10", 65_536: "DF 00 01 00 00"] {
            let list = Array(repeating: "\"\":1", count: count).joined(separator: ",")
            let body = [[UInt8]](repeating: [0xA0, 1], count: count).flatMap { $0 }
            #expect(try write("{\(list)}") == packed(head) + body, "\(count)")
        }
        let holder = #"{"_placeholder":true,"num":0}"#
        for (count, head) in [
            0: "C4 00", 255: "C4 FF", 256: "C5 01 00", 65_536: "C6 00 01 00 00",
        ] {
            let body = [UInt8](repeating: 7, count: count)
            #expect(try write(holder, [body]) == packed(head) + body, "\(count)")
        }
    }

    @Test func attachmentsStandWhereTheirPlaceholdersAre() throws {
        let json = #"["x",{"_placeholder":true,"num":1},{"a":[{"num":0,"_placeholder":true}]}]"#
        #expect(try write(json, [[1], [2, 3]]) == packed("93 'x' C4 02 02 03 81 'a' 91 C4 01 01"))
    }

    @Test func whatLooksLikeAPlaceholderWithoutAttachmentsIsAnObject() throws {
        let json = #"[{"_placeholder":true,"num":0}]"#
        #expect(
            try write(json)
                == packed("91 82 AC 5F 70 6C 61 63 65 68 6F 6C 64 65 72 C3 'num' 00")
        )
    }

    @Test func theDeepestThatCanBeEmittedIsWritten() throws {
        let json = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(try write(json) == [UInt8](repeating: 0x91, count: 127) + [0x90])
    }
}
