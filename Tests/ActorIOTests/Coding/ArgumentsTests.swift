import Testing

@testable import ActorIO

struct ArgumentsTests {
    private func arguments(_ text: String, _ attachments: [[UInt8]] = []) -> Arguments {
        let bytes = Array("xx\(text)]".utf8)
        return Arguments(bytes: bytes, range: 2..<bytes.count - 1, attachments: attachments)
    }

    @Test(arguments: [
        ("", 0), ("  ", 0), ("1", 1), (#""a,b]","\"}",{"a":[1,2]},[3,{"b":","}],null"#, 5),
        (" 1 , 2 ", 2),
        ("[],[]", 2), ("-1.5e3", 1),
    ])
    func countsThem(_ text: String, _ count: Int) {
        #expect(arguments(text).count == count)
        #expect(arguments(text).isEmpty == (count == 0))
    }

    @Test func readsEachByItsPlace() throws {
        let list = arguments(#" "a" , 7 ,true,1.5, "\u0041\"" ,{"x":[1]},null,"#.dropLast() + " ")
        #expect(list.count == 7)
        #expect(try list.decode(0) == "a")
        #expect(try list.decode(1) == 7)
        #expect(try list.decode(1) == 7.0)
        #expect(try list.decode(1) == UInt8(7))
        #expect(try list.decode(2) == true)
        #expect(try list.decode(3) == 1.5)
        #expect(try list.decode(4) == "A\"")
        #expect(try list.decode(5) == ["x": [1]])
        #expect(try list.decode(5) == JSONValue.object(["x": [1]]))
        #expect(try list.decode(6) == JSONValue.null)
    }

    @Test func optionalsTakeNullAndWhatWasNotSent() throws {
        let list = arguments(#"null,"a",2,false,2.5"#)
        #expect(try list.decode(0) == String?.none)
        #expect(try list.decode(0) == Int?.none)
        #expect(try list.decode(0) == Bool?.none)
        #expect(try list.decode(0) == [Int]?.none)
        #expect(try list.decode(1) == String?.some("a"))
        #expect(try list.decode(2) == Int?.some(2))
        #expect(try list.decode(3) == Bool?.some(false))
        #expect(try list.decode(4) == Double?.some(2.5))
        #expect(try list.decode(9) == String?.none)
        #expect(try list.decode(9) == JSONValue.null)
        #expect(throws: DecodingError.self) { try list.decode(9, as: String.self) }
        #expect(throws: DecodingError.self) { try list.decode(-1, as: String.self) }
        #expect(throws: DecodingError.self) { try list.decode(0, as: String.self) }
        #expect(throws: DecodingError.self) { try list.decode(1, as: Int?.self) }
        #expect(throws: DecodingError.self) { try list.decode(2, as: String.self) }
        #expect(throws: DecodingError.self) { try list.decode(1, as: Double.self) }
        #expect(throws: DecodingError.self) { try list.decode(2, as: Bool.self) }
        #expect(throws: DecodingError.self) { try list.decode(3, as: Int.self) }
    }

    @Test func noArgumentsAtAll() throws {
        #expect(Arguments().count == 0)
        #expect(Arguments().isEmpty)
        #expect(try Arguments().decode(0) == Int?.none)
        #expect(throws: DecodingError.self) { try Arguments().decode(0, as: Int.self) }
    }

    @Test func placeholdersAreBytesOnlyBesideAttachments() throws {
        let text = #"{"_placeholder":true,"num":1},{"a":{"_placeholder":true,"num":0}}"#
        let binary = arguments(text, [[1], [2, 3]])
        #expect(try binary.decode(0) == [UInt8]([2, 3]))
        #expect(try binary.decode(0) == [UInt8]?.some([2, 3]))
        #expect(try binary.decode(0) == JSONValue.binary([2, 3]))
        #expect(try binary.decode(1) == JSONValue.object(["a": .binary([1])]))
        let plain = arguments(text)
        #expect(try plain.decode(0) == JSONValue.object(["_placeholder": true, "num": 1]))
        #expect(throws: DecodingError.self) { try plain.decode(0, as: [UInt8].self) }
    }

    @Test func passesThemOnUntouched() throws {
        var encoded = EncodedArguments(arguments(#" "a/\u0041" , 1.50 "#))
        #expect(String(decoding: encoded.json, as: UTF8.self) == #" "a/\u0041" , 1.50 "#)
        try encoded.append("b")
        #expect(String(decoding: encoded.json, as: UTF8.self) == #" "a/\u0041" , 1.50 ,"b""#)
        var none = EncodedArguments(arguments(" "))
        try none.append(1)
        #expect(Arguments(none).count == 1)
    }

    @Test func appendsEveryKindOfValue() throws {
        var encoded = EncodedArguments()
        try encoded.append("a")
        try encoded.append(1)
        try encoded.append(true)
        try encoded.append(1.5)
        try encoded.append(Double.nan)
        try encoded.append(String?.none)
        try encoded.append(String?.some("b"))
        try encoded.append(Int?.some(2))
        try encoded.append(["k": JSONValue.null])
        try encoded.append(JSONValue.array([1]))
        try encoded.append([UInt8]([1]))
        try encoded.append([UInt8]?.some([2]))
        #expect(
            String(decoding: encoded.json, as: UTF8.self)
                == #""a",1,true,1.5,null,null,"b",2,{"k":null},[1],"#
                + #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#
        )
        #expect(encoded.attachments == [[1], [2]])
    }

    @Test func aForgedPlaceholderIsNotSentBesideRealAttachments() throws {
        let forged: JSONValue = ["_placeholder": true, "num": 0]
        var encoded = EncodedArguments()
        try encoded.append(forged)  // without attachments it is an ordinary object
        #expect(throws: EncodingError.self) { try encoded.append([UInt8]([1])) }
        #expect(String(decoding: encoded.json, as: UTF8.self) == #"{"_placeholder":true,"num":0}"#)
        #expect(encoded.attachments.isEmpty)

        encoded = EncodedArguments(arguments(#"{"_pl\u0061ceholder":true,"num":7}"#))
        #expect(throws: EncodingError.self) { try encoded.append([UInt8]([1])) }
        #expect(throws: EncodingError.self) {
            try encoded.append(["a": .binary([1]), "b": forged] as JSONValue)
        }
    }
}
