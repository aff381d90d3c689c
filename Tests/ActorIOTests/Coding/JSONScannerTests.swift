import Testing

@testable import ActorIO

struct JSONScannerTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "7", "-12", "0.5", "1e3", "1E+3", "1e-3", "-0.0e0",
        "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "1.7976931348623157e308",
        "1e-400", "5e-324", "123456789012345678901234567890",
        #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\uD83D\uDE00""#, #""\ud800""#,
        #""\udc00\ud800""#, "\"\u{7F}\"", "\"é😀\u{2028}\"", "[]", "{}", "[ ]", "{ }", " [ 1 , 2 ] ",
        "\t\r\n 1 \t\r\n", #"{"a":1}"#, #"{ "a" : [ { } , [ ] ] , "b" : null }"#,
        #"{"a":1,"a":2}"#, #"{"__proto__":1,"":2}"#, "[[],[[]],{}]", "[null,true,false]",
        #"["a","b"]"#, #"{"a":{"b":{"c":[1]}}}"#,
    ])
    func acceptsWhatRFC8259Allows(_ text: String) throws {
        let bytes = Array(text.utf8)
        try JSONScanner.validate(bytes, 0..<bytes.count)
    }

    @Test(arguments: [
        ("", JSONError.Code.unexpectedEnd), ("  ", .unexpectedEnd),
        ("nul", .unexpectedEnd), ("nulL", .unexpectedByte), ("True", .unexpectedByte),
        ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte), ("-Infinity", .badNumber),
        ("0123", .unexpectedByte), ("-01", .unexpectedByte), ("00", .unexpectedByte),
        ("1.", .unexpectedEnd), ("1.x", .badNumber), ("[1.]", .badNumber), (".5", .unexpectedByte),
        ("+1", .unexpectedByte), ("-", .unexpectedEnd), ("--1", .badNumber), ("1e", .unexpectedEnd),
        ("1e+", .unexpectedEnd), ("1ex", .badNumber), ("0x1", .unexpectedByte),
        ("1_0", .unexpectedByte),
        ("1e400", .numberOutOfRange), ("-1e400", .numberOutOfRange), ("1E+999", .numberOutOfRange),
        ("1e99999999999999999999", .numberOutOfRange),
        (#"""#, .unexpectedEnd), (#""a"#, .unexpectedEnd), (#""\"#, .unexpectedEnd),
        (#""\"x"#, .unexpectedEnd), (#""\x""#, .badEscape), (#""\u12""#, .badEscape),
        (#""\u12"#, .unexpectedEnd), (#""\u00g0""#, .badEscape), (#""\U0000""#, .badEscape),
        ("\"\u{0}\"", .controlCharacter), ("\"\n\"", .controlCharacter),
        ("\"\u{1F}\"", .controlCharacter),
        ("'a'", .unexpectedByte), ("[", .unexpectedEnd), ("[1", .unexpectedEnd),
        ("[1,", .unexpectedEnd),
        ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte), ("[1 2]", .unexpectedByte),
        ("[1,,2]", .unexpectedByte), ("[1}", .unexpectedByte), ("]", .unexpectedByte),
        ("{", .unexpectedEnd), (#"{"a""#, .unexpectedEnd), (#"{"a":"#, .unexpectedEnd),
        (#"{"a":1"#, .unexpectedEnd), (#"{"a":1,}"#, .unexpectedByte),
        (#"{"a" 1}"#, .unexpectedByte),
        (#"{"a":1]"#, .unexpectedByte), ("{a:1}", .unexpectedByte), ("{1:1}", .unexpectedByte),
        (#"{"a"}"#, .unexpectedByte), (#"{"a"::1}"#, .unexpectedByte),
        (#"{,"a":1}"#, .unexpectedByte),
        ("1 2", .unexpectedByte), ("{}x", .unexpectedByte), ("[]]", .unexpectedByte),
        ("\u{FEFF}1", .unexpectedByte), ("/* */1", .unexpectedByte), ("1//", .unexpectedByte),
        ("\u{A0}1", .unexpectedByte), ("\u{C}1", .unexpectedByte), ("1\u{0}", .unexpectedByte),
    ])
    func refusesEverythingElse(_ text: String, _ code: JSONError.Code) {
        let bytes = Array(text.utf8)
        let error = #expect(throws: JSONError.self) {
            try JSONScanner.validate(bytes, 0..<bytes.count)
        }
        #expect(error?.code == code, "\(text)")
    }

    @Test func namesTheByteThatIsWrong() {
        let bytes = Array("xx[1,]yy".utf8)
        let error = #expect(throws: JSONError.self) { try JSONScanner.validate(bytes, 2..<6) }
        #expect(error == JSONError(.unexpectedByte, at: 5))
        #expect(error?.description == "unexpectedByte at byte 5")
    }

    @Test func readsOnlyItsRange() throws {
        let bytes = Array(#"42["a",1]garbage"#.utf8)
        try JSONScanner.validate(bytes, 2..<9)
        #expect(throws: JSONError.self) { try JSONScanner.validate(bytes, 2..<8) }
        #expect(throws: JSONError.self) { try JSONScanner.validate(bytes, 2..<10) }
    }

    @Test(arguments: ["[", #"{"a":"#])
    func nestingEndsAtTheLimitOnAnySmallStack(_ opener: String) throws {
        let closer = opener == "[" ? "]" : "}"
        func nested(_ depth: Int, _ inner: String) -> [UInt8] {
            let open = String(repeating: opener, count: depth)
            return Array((open + inner + String(repeating: closer, count: depth)).utf8)
        }
        let legal = nested(64, "1")
        try JSONScanner.validate(legal, 0..<legal.count)
        for depth in [65, 400, 512, 513, 100_000] {
            let bytes = nested(depth, "1")
            let error = #expect(throws: JSONError.self) {
                try JSONScanner.validate(bytes, 0..<bytes.count)
            }
            #expect(error?.code == .tooDeep)
        }
        let unclosed = Array(String(repeating: opener, count: 100_000).utf8)
        #expect(throws: JSONError.self) { try JSONScanner.validate(unclosed, 0..<unclosed.count) }
    }

    @Test func theDeepestLimitKeepsArraysAndObjectsApart() throws {
        let limits = JSONLimits(depth: 1_000, elements: 1_000)
        let opener = String(repeating: #"[{"a":"#, count: 64)
        let legal = Array((opener + "0" + String(repeating: "}]", count: 64)).utf8)
        try JSONScanner.validate(legal, 0..<legal.count, limits: limits)
        let crossed = Array((opener + "0" + String(repeating: "]}", count: 64)).utf8)
        #expect(throws: JSONError.self) {
            try JSONScanner.validate(crossed, 0..<crossed.count, limits: limits)
        }
        let deeper = [UInt8](repeating: UInt8(ascii: "["), count: 129)
        let error = #expect(throws: JSONError.self) {
            try JSONScanner.validate(deeper, 0..<129, limits: limits)
        }
        #expect(error == JSONError(.tooDeep, at: 128))
    }

    @Test(arguments: ["[]", #""""#, "0", "{}"])
    func countsElements(_ element: String) throws {
        func list(_ count: Int) -> [UInt8] {
            Array(("[" + repeatElement(element, count: count).joined(separator: ",") + "]").utf8)
        }
        let limits = JSONLimits(depth: 64, elements: 100)
        let legal = list(99)
        try JSONScanner.validate(legal, 0..<legal.count, limits: limits)
        for count in [100, 1_000_000 / (element.utf8.count + 1)] {
            let bytes = list(count)
            let error = #expect(throws: JSONError.self) {
                try JSONScanner.validate(bytes, 0..<bytes.count, limits: limits)
            }
            #expect(error?.code == .tooManyElements)
        }
    }

    @Test func namesCountAsElements() {
        let bytes = Array(#"{"a":1,"b":2}"#.utf8)
        let error = #expect(throws: JSONError.self) {
            let limits = JSONLimits(depth: 64, elements: 4)
            try JSONScanner.validate(bytes, 0..<bytes.count, limits: limits)
        }
        #expect(error?.code == .tooManyElements)
    }

    @Test func refusesNumbersOfTenThousandDigits() throws {
        for text in [
            String(repeating: "1", count: 10_000), "0." + String(repeating: "1", count: 10_000),
            String(repeating: "9", count: 310), "1e" + String(repeating: "0", count: 10_000),
        ] {
            let bytes = Array(text.utf8)
            let error = #expect(throws: JSONError.self) {
                try JSONScanner.validate(bytes, 0..<bytes.count)
            }
            #expect(error?.code == .numberOutOfRange)
        }
        let exact = Array(("0." + String(repeating: "1", count: 1_000)).utf8)
        try JSONScanner.validate(exact, 0..<exact.count)
    }

    @Test func aMegabyteOfOneThingIsReadOnce() throws {
        for piece in [#"\u0041"#, "e\u{301}", #"\\"#, " "] {
            let text = "\"" + String(repeating: piece, count: 1_000_000 / piece.utf8.count) + "\""
            let bytes = Array(text.utf8)
            let time = try threadTime { try JSONScanner.validate(bytes, 0..<bytes.count) }
            #expect(time < .seconds(2))
        }
    }
}
