import Testing

@testable import ActorIO

struct JSONWriterTests {
    private func text<T>(_ value: T, _ write: (T, inout [UInt8]) -> Void) -> String {
        var json: [UInt8] = []
        write(value, &json)
        return String(decoding: json, as: UTF8.self)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (-3.0, "-3"), (1.5, "1.5"), (0.1, "0.1"),
        (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
        (1e21, "1e+21"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"), (.nan, "null"),
        (.infinity, "null"),
        (-.infinity, "null"), (1e-7, "1e-07"),
    ])
    func writesDoubles(_ value: Double, _ json: String) throws {
        let written = text(value) { JSONWriter.append($0, to: &$1) }
        #expect(written == json)
        if value.isFinite { #expect(try JSONValue(parsing: written).double == value) }
    }

    @Test func writesTheGreatestIntegers() {
        #expect(text(Int.min) { JSONWriter.append($0, to: &$1) } == "-9223372036854775808")
        #expect(text(UInt64.max) { JSONWriter.append($0, to: &$1) } == "18446744073709551615")
    }

    @Test(arguments: [
        ("", #""""#), ("abc", #""abc""#), ("a/b", #""a/b""#), (#"a"b\c"#, #""a\"b\\c""#),
        ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#), ("\u{0}\u{1E}\u{1F}", #""\u0000\u001e\u001f""#),
        ("\u{7F}é😀\u{2028}\u{2029}", "\"\u{7F}é😀\u{2028}\u{2029}\""), ("end\n", #""end\n""#),
        ("\nstart", #""\nstart""#),
    ])
    func escapesWhatJavaScriptEscapes(_ value: String, _ json: String) throws {
        #expect(text(value) { JSONWriter.append($0, to: &$1) } == json)
        #expect(try JSONValue(parsing: json).string == value)
    }

    @Test func keepsTheOrderOfMembers() {
        let value: JSONValue = ["z": 1, "a": [true, nil, 2.5, "x"], "m": [:], "e": []]
        #expect(value.description == #"{"z":1,"a":[true,null,2.5,"x"],"m":{},"e":[]}"#)
        #expect(JSONValue.array([1, "2", ["3": [false]]]).description == #"[1,"2",{"3":[false]}]"#)
        #expect(JSONValue.int(5).description == "5")
        #expect(
            JSONValue.array([[], [[], 1], [:], [["a": []]]]).description
                == #"[[],[[],1],{},[{"a":[]}]]"#
        )
    }

    @Test func putsBytesBesideTheText() {
        var json: [UInt8] = []
        var attachments: [[UInt8]] = [[9]]
        let value: JSONValue = [.binary([1]), ["a": .binary([2, 3])]]
        JSONWriter.append(value, to: &json, attachments: &attachments)
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"[{"_placeholder":true,"num":1},{"a":{"_placeholder":true,"num":2}}]"#
        )
        #expect(attachments == [[9], [1], [2, 3]])
        #expect(JSONValue.binary([1, 2, 3, 4]).description == #""AQIDBA==""#)
    }

    @Test func writesAnyDepthWithoutRecursion() {
        var value = JSONValue.int(1)
        for _ in 0..<2_000 { value = [value] }
        #expect(value.jsonBytes.count == 4_001)
    }
}
