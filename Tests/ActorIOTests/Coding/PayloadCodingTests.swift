import Foundation
import Testing

@testable import ActorIO

struct PayloadCodingTests {
    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try PayloadEncoder.encode(value), as: UTF8.self)
    }

    /// Encodes, compares the text, decodes, compares the value; with attachments and without.
    private func roundTrip<T: Codable & Equatable>(_ value: T, _ text: String? = nil) throws {
        let plain = try PayloadEncoder.encode(value)
        if let text { #expect(String(decoding: plain, as: UTF8.self) == text) }
        #expect(try PayloadDecoder.decode(T.self, from: plain) == value)
        var arguments = EncodedArguments()
        try arguments.append("first")
        try arguments.append(value)
        #expect(try Arguments(arguments).decode(1) == value)
    }

    @Test func scalars() throws {
        try roundTrip("a\"é", #""a\"é""#)
        try roundTrip(true, "true")
        try roundTrip(-5, "-5")
        try roundTrip(1.25, "1.25")
        try roundTrip(2.0, "2")
        try roundTrip(Float(0.1), "0.1")
        try roundTrip(Int8.min, "-128")
        try roundTrip(UInt8.max, "255")
        try roundTrip(Int16.min, "-32768")
        try roundTrip(UInt16.max, "65535")
        try roundTrip(Int32.min, "-2147483648")
        try roundTrip(UInt32.max, "4294967295")
        try roundTrip(Int64.min, "-9223372036854775808")
        try roundTrip(UInt64.max, "18446744073709551615")
        try roundTrip(UInt.max, "18446744073709551615")
        try roundTrip(Int128.min, "-170141183460469231731687303715884105728")
        try roundTrip(Optional<Int>.none, "null")
        try roundTrip(Optional<String>.some("x"), #""x""#)
    }

    @Test func foundationsValues() throws {
        try roundTrip(
            Date(timeIntervalSince1970: 1_709_210_096.789),
            #""2024-02-29T12:34:56.789Z""#
        )
        try roundTrip(URL(string: "https://a.example/b?c=d"), #""https://a.example/b?c=d""#)
        let id = UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")
        try roundTrip(id, #""E621E1F8-C36C-495A-93FC-0C247A3E6E5F""#)
        try roundTrip(Decimal(string: "12345678901234567890.125"), "12345678901234567890.125")
        try roundTrip(Data([1, 2, 3, 4]), #""AQIDBA==""#)
    }

    @Test(arguments: [1e300, -1e300, .nan, .infinity])
    func datesThatDoNotExistAreErrorsThatCanBePrinted(_ seconds: Double) {
        let date = Date(timeIntervalSince1970: seconds)
        let error = #expect(throws: EncodingError.self) { try json([date]) }
        #expect(error.map { "\($0)" }?.contains("no such date") == true)
    }

    struct Point: Codable, Equatable { var x: Int; var y: Double?; var tags: [String] = [] }
    struct Empty: Codable, Equatable {}
    enum Shape: Codable, Equatable { case dot, circle(radius: Double), line(Point, to: Point) }
    enum Suit: String, Codable { case hearts, spades }
    enum Number: Int, Codable, CodingKeyRepresentable { case one = 1, two }
    struct Wrapped: Codable, Equatable {
        var value: Int
        init(_ value: Int) { self.value = value }
        init(from decoder: any Decoder) throws {
            value = try decoder.singleValueContainer().decode(Int.self)
        }
        func encode(to encoder: any Encoder) throws {
            var single = encoder.singleValueContainer()
            try single.encode(value)
        }
    }

    struct Numbers: Codable, Equatable {
        var a = Int128.min, b = UInt128.max, c = Int8.min, d = UInt64.max, e = Float(0.1)
        var f: Int128? = 1, g: UInt16? = 2, h: Bool? = true, i: Double? = 0.5, j: String? = "j",
            k: Int?
    }

    @Test func numbersOfEverySize() throws {
        try roundTrip(Numbers())
        try roundTrip([Int128.max, 0])
        try roundTrip([UInt128.max])
        try roundTrip([Int8.min, 127])
        try roundTrip([UInt64.max], "[18446744073709551615]")
        try roundTrip([Float(0.1)], "[0.1]")
        try roundTrip([0.1, 2], "[0.1,2]")
        try roundTrip(["a", "\n"], #"["a","\n"]"#)
        try roundTrip([true, false], "[true,false]")
        try roundTrip([Int128?.none, 5], "[null,5]")
    }

    @Test func structuresAndCollections() throws {
        try roundTrip(Point(x: 1, y: 2.5, tags: ["a"]), #"{"x":1,"y":2.5,"tags":["a"]}"#)
        try roundTrip(Point(x: 1, y: nil), #"{"x":1,"tags":[]}"#)
        try roundTrip(Empty(), "{}")
        try roundTrip([Empty(), Empty()], "[{},{}]")
        try roundTrip([[1], [], [2, 3]], "[[1],[],[2,3]]")
        try roundTrip([1, nil, 3] as [Int?], "[1,null,3]")
        try roundTrip(["a": [1]], #"{"a":[1]}"#)
        try roundTrip(["a": 1, "b": nil] as [String: Int?])
        try roundTrip([1: "x"], #"{"1":"x"}"#)
        try roundTrip([Number.two: "x"], #"{"2":"x"}"#)
        try roundTrip([Point(x: 1, y: nil): 1].count, "1")
        try roundTrip(Set([7]), "[7]")
        try roundTrip(Suit.spades, #""spades""#)
        try roundTrip([Suit.hearts], #"["hearts"]"#)
        try roundTrip(Wrapped(3), "3")
        try roundTrip([Wrapped(3): 4].count, "1")
        try roundTrip([Wrapped(3), Wrapped(4)], "[3,4]")
        try roundTrip(1..<5, "[1,5]")
    }

    @Test func enumsWithAssociatedValues() throws {
        try roundTrip(Shape.dot, #"{"dot":{}}"#)
        try roundTrip(Shape.circle(radius: 2), #"{"circle":{"radius":2}}"#)
        try roundTrip(
            [Shape.line(Point(x: 1), to: Point(x: 2))],
            #"[{"line":{"_0":{"x":1,"tags":[]},"to":{"x":2,"tags":[]}}}]"#
        )
        #expect(throws: DecodingError.self) {
            try PayloadDecoder.decode(Shape.self, from: Array(#"{"square":{}}"#.utf8))
        }
    }

    class Animal: Codable { var name = "" }
    final class Dog: Animal {
        var age = 0
        enum Key: CodingKey { case age }
        override init() { super.init() }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            try super.init(from: container.superDecoder())
            age = try container.decode(Int.self, forKey: .age)
        }
        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            let parent = container.superEncoder()
            try container.encode(age, forKey: .age)
            try super.encode(to: parent)  // after the next member: superEncoder allows it
        }
    }

    @Test func classesAndTheirSuperclasses() throws {
        let dog = Dog()
        dog.name = "Rex"
        dog.age = 3
        #expect(try json([dog]) == #"[{"super":{"name":"Rex"},"age":3}]"#)
        let back = try PayloadDecoder.decode(Dog.self, from: PayloadEncoder.encode(dog))
        #expect(back.name == "Rex")
        #expect(back.age == 3)
        #expect(throws: DecodingError.self) {
            try PayloadDecoder.decode(Dog.self, from: Array(#"{"age":3}"#.utf8))
        }
    }

    /// Fills its nested containers in turns.
    struct Interleaved: Codable, Equatable {
        var a = [1, 2], b = ["x": 1], c = Data([1])
        enum Key: CodingKey { case a, b, c, d }
        init() {}
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            var list = try container.nestedUnkeyedContainer(forKey: .a)
            a = []
            while !list.isAtEnd { a.append(try list.decode(Int.self)) }
            b = [
                "x": try container.nestedContainer(keyedBy: PayloadKey.self, forKey: .b).decode(
                    Int.self,
                    forKey: .name("x")
                )
            ]
            c = try container.decode(Data.self, forKey: .c)
            var outer = try container.nestedUnkeyedContainer(forKey: .d)
            let inner = try outer.nestedContainer(keyedBy: Key.self)
            #expect(try inner.decode(Bool.self, forKey: .a))
            #expect(try outer.decodeNil())
            #expect(try !outer.decodeNil())
            #expect(try outer.superDecoder().singleValueContainer().decode(String.self) == "s")
            #expect(outer.isAtEnd)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            var list = container.nestedUnkeyedContainer(forKey: .a)
            var object = container.nestedContainer(keyedBy: PayloadKey.self, forKey: .b)
            try list.encode(1)
            try container.encode(c, forKey: .c)
            try object.encode(1, forKey: .name("x"))
            try list.encode(2)
            var outer = container.nestedUnkeyedContainer(forKey: .d)
            var inner = outer.nestedContainer(keyedBy: Key.self)
            try outer.encodeNil()
            var single = outer.superEncoder().singleValueContainer()
            try single.encode("s")
            try inner.encode(true, forKey: .a)
        }
    }

    @Test func nestedContainersMayBeFilledInTurns() throws {
        try roundTrip(
            Interleaved(),
            #"{"a":[1,2],"b":{"x":1},"c":"AQ==","d":[{"a":true},null,"s"]}"#
        )
        try roundTrip([Interleaved(), Interleaved()])
    }

    @Test func bytesBecomeAttachments() throws {
        struct Photo: Codable, Equatable { var name: String; var pixels: [UInt8]; var more: [Data] }
        let photo = Photo(name: "n", pixels: [1, 2], more: [Data([3]), Data()])
        var arguments = EncodedArguments()
        try arguments.append([UInt8]([9]))
        try arguments.append(photo)
        #expect(
            String(decoding: arguments.json, as: UTF8.self) == #"{"_placeholder":true,"num":0},"#
                + #"{"name":"n","pixels":{"_placeholder":true,"num":1},"more":"#
                + #"[{"_placeholder":true,"num":2},{"_placeholder":true,"num":3}]}"#
        )
        #expect(arguments.attachments == [[9], [1, 2], [3], []])
        #expect(try Arguments(arguments).decode(1) == photo)
        #expect(try Arguments(arguments).decode(0) == [UInt8]([9]))
        #expect(try Arguments(arguments).decode(0) == Data([9]))
    }
}

extension PayloadCodingTests.Point: Hashable {}
extension PayloadCodingTests.Wrapped: Hashable {}
