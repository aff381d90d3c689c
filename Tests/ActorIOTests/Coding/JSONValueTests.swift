import Foundation
import Testing

@testable import ActorIO

struct JSONValueTests {
    static let values: [(String, JSONValue)] = [
        ("null", nil), ("true", true), ("false", false), ("0", 0), ("-7", -7), ("1.5", 1.5),
        ("1e2", 100), (#""a\n\u00e9\ud83d\ude00""#, "a\né😀"), ("[]", []), ("{}", [:]),
        (#"[1,[2,[]],{}]"#, [1, [2, []], [:]]),
        (#"{"a":{"b":[null]},"c":""}"#, ["a": ["b": [nil]], "c": ""]),
    ]

    @Test(arguments: values)
    func readsValues(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test func integersStayIntegersAndTheRestAreDoubles() throws {
        func kind(_ text: String) throws -> String {
            switch try JSONValue(parsing: text) {
            case .int(let value): "int \(value)"
            case .double(let value): "double \(value)"
            default: "other"
            }
        }
        #expect(try kind("9223372036854775807") == "int 9223372036854775807")
        #expect(try kind("-9223372036854775808") == "int -9223372036854775808")
        #expect(try kind("9223372036854775808") == "double 9.223372036854776e+18")
        #expect(try kind("18446744073709551616") == "double 1.8446744073709552e+19")
        #expect(try kind("-0") == "double -0.0")
        #expect(try kind("1.0") == "double 1.0")
        #expect(try kind("1e-400") == "double 0.0")
        #expect(try kind("0.1") == "double 0.1")
        #expect(try kind("123456789.123456789") == "double \(123456789.123456789)")
    }

    @Test(arguments: [
        (#""\ud800""#, "\u{FFFD}"), (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
        (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud800x""#, "\u{FFFD}x"),
        (#""\ud800\n""#, "\u{FFFD}\n"), (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\u{0}"),
        (#""\uFFFF\uDBFF\uDFFF""#, "\u{FFFF}\u{10FFFF}"),
        (#""\/\"\\\b\f\r\t""#, "/\"\\\u{8}\u{C}\r\t"),
    ])
    func halfASurrogatePairBecomesTheReplacementCharacter(_ text: String, _ value: String) throws {
        let parsed = try JSONValue(parsing: text).string
        #expect(parsed.map { Array($0.utf8) } == Array(value.utf8))
    }

    @Test func ofRepeatedNamesTheLastValueWinsInTheFirstPlace() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"\u0061":3,"__proto__":4,"__proto__":5}"#)
        #expect(value.description == #"{"a":3,"b":2,"__proto__":5}"#)
        let many = "{" + (0..<40).map { #""k\#($0 % 20)":\#($0)"# }.joined(separator: ",") + "}"
        let object = try JSONValue(parsing: many)
        #expect(object.object?.count == 20)
        #expect(object["k0"] == 20)
        #expect(object["k19"] == 39)
        #expect(object.object?.keys.first == "k0")
    }

    @Test func namesEqualOnlyByUnicodeEquivalenceAreTwo() throws {
        let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value.object?.count == 2)
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
    }

    @Test func numbersAreEqualByValueAndHashAlike() {
        #expect(JSONValue.int(1) == .double(1))
        #expect(JSONValue.int(1) != .double(1.5))
        #expect(JSONValue.int(.max) != .double(0x1p63))
        #expect(Set<JSONValue>([1, .double(1), 2, .double(0.5)]).count == 3)
        #expect(JSONValue.double(1e300) != .int(1))
    }

    @Test func membersAreEqualInAnyOrderAndHashAlike() {
        let a: JSONValue = ["a": 1, "b": [2]]
        let b: JSONValue = ["b": [2], "a": 1]
        #expect(a == b)
        #expect(Set([a, b]).count == 1)
        #expect(a != ["a": 1, "b": [3]])
        #expect(a != ["a": 1, "c": [2]])
        #expect(a != ["a": 1])
    }

    @Test func readsAndChangesByNameAndPlace() {
        var order: JSONValue = ["item": "tea", "count": 2, "tags": ["hot"]]
        order["paid"] = true
        order["count"] = 3
        order["item"] = nil
        #expect(order.description == #"{"count":3,"tags":["hot"],"paid":true}"#)
        #expect(order["count"]?.int == 3)
        #expect(order["count"]?.double == 3)
        #expect(order["tags"]?[0]?.string == "hot")
        #expect(order["tags"]?[1] == nil)
        #expect(order["tags"]?[-1] == nil)
        #expect(order["paid"]?.bool == true)
        #expect(order["none"] == nil)
        var nothing = JSONValue.null
        #expect(nothing.isNull)
        nothing["a"] = 1
        #expect(nothing == ["a": 1])
        #expect(JSONValue.double(1e300).int == nil)
        #expect(JSONValue.double(2).int == 2)
        #expect(JSONValue.binary([1]).binary == [1])
    }

    @Test func literalsMayRepeatNames() {
        let value: JSONValue = ["a": 1, "a": 2]
        #expect(value.description == #"{"a":2}"#)
    }

    @Test func travelsThroughOtherCoders() throws {
        let value: JSONValue = ["a": [1, 2.5, nil, true, "x", ["b": [:]]], "c": [[]]]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
    }

    @Test func becomesATypeAndBack() throws {
        struct Order: Codable, Equatable { var item: String; var photo: [UInt8] }
        let value: JSONValue = ["item": "tea", "photo": .binary([1, 2])]
        #expect(try value.decode(as: Order.self) == Order(item: "tea", photo: [1, 2]))
        #expect(throws: DecodingError.self) { try value.decode(as: [Int].self) }
    }

    @Test func aMillionMembersDoNotTakeForever() throws {
        let members = (0..<45_000).map { #""\#($0)":0"# }.joined(separator: ",")
        let bytes = Array("{\(members)}".utf8)
        let time = try threadTime {
            let value = try JSONValue(parsing: bytes)
            #expect(value.object?.count == 45_000)
            #expect(value == value)
        }
        #expect(time < .seconds(5))
    }
}
