import Foundation
import Testing

@testable import ActorIO

struct PayloadDecoderTests {
    @Test func anArrayOfNumbersIsBytesToo() throws {
        let arguments = Arguments(bytes: Array("[1,2,255],[256],\"x\"".utf8), range: 0..<19)
        #expect(try arguments.decode(0) == [UInt8]([1, 2, 255]))
        #expect(throws: DecodingError.self) { try arguments.decode(1, as: [UInt8].self) }
        #expect(throws: DecodingError.self) { try arguments.decode(2, as: [UInt8].self) }
        #expect(throws: DecodingError.self) { try arguments.decode(0, as: Data.self) }
        #expect(throws: DecodingError.self) { try arguments.decode(2, as: Data.self) }
    }

    @Test(arguments: [
        ("1.0", 1), ("1e3", 1_000), ("-0", 0), ("127", 127),
    ])
    func integersMayBeWrittenAsFractions(_ text: String, _ value: Int) throws {
        #expect(try PayloadDecoder.decode(Int.self, from: Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "1.5", "1e300", "9223372036854775808", "-9223372036854775809", "true", "\"1\"", "null",
        "[1]",
    ])
    func whatIsNoIntegerIsRefused(_ text: String) {
        #expect(throws: DecodingError.self) {
            try PayloadDecoder.decode(Int.self, from: Array(text.utf8))
        }
        #expect(throws: DecodingError.self) {
            try PayloadDecoder.decode(UInt8.self, from: Array(text.utf8))
        }
    }

    private func place(of error: DecodingError) -> String {
        func join(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): join(context) + " lacks \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): join(context)
        case .dataCorrupted(let context): join(context)
        @unknown default: "unknown"
        }
    }

    @Test func errorsNameThePlace() {
        struct Cart: Codable { var items: [PayloadCodingTests.Point] }
        func path(_ text: String) -> String {
            let bytes = Array(text.utf8)
            let arguments = Arguments(bytes: bytes, range: 0..<bytes.count)
            let error = #expect(throws: DecodingError.self) {
                try arguments.decode(1, as: Cart.self)
            }
            return error.map(place) ?? "none"
        }
        #expect(path(#"0,{"items":[{"x":1,"tags":[]},{"x":"a","tags":[]}]}"#) == "1.items.1.x")
        #expect(path(#"0,{"items":[{"x":1}]}"#) == "1.items.0 lacks tags")
        #expect(path(#"0,{"items":[{"x":1,"tags":[1]}]}"#) == "1.items.0.tags.0")
        #expect(path(#"0,{"items":[{"x":null,"tags":[]}]}"#) == "1.items.0.x")
        #expect(path(#"0,5"#) == "1")
        #expect(path(#"0"#) == "1")
        #expect(path(#"0,{"items":{}}"#) == "1.items")
    }

    @Test func ofRepeatedMembersTheLastWins() throws {
        let json = Array(#"{"x":1,"tags":[],"x":2,"\u0078":3}"#.utf8)
        #expect(try PayloadDecoder.decode(PayloadCodingTests.Point.self, from: json).x == 3)
        #expect(
            try PayloadDecoder.decode([String: Int].self, from: Array(#"{"a":1,"a":2}"#.utf8)) == [
                "a": 2
            ]
        )
        let many = "{" + (0..<60).map { #""k\#($0 % 30)":\#($0)"# }.joined(separator: ",") + "}"
        let read = try PayloadDecoder.decode([String: Int].self, from: Array(many.utf8))
        #expect(read.count == 30)
        #expect(read["k0"] == 30)
    }

    // Hostile list F 130: a type that contains itself, on a small stack.
    indirect enum Tree: Codable { case leaf, node(Tree) }
    final class Chain: Codable { var next: Chain? }
    struct Nest: Codable { var next: [Nest] }

    @Test func aTypeThatContainsItselfFitsASmallStack() throws {
        let deep = 64
        let chain =
            String(repeating: #"{"next":"#, count: deep) + "null"
            + String(repeating: "}", count: deep)
        let nest =
            String(repeating: #"{"next":["#, count: deep / 2)
            + String(repeating: "]}", count: deep / 2)
        let tree =
            String(repeating: #"{"node":{"_0":"#, count: 31) + #"{"leaf":{}}"#
            + String(repeating: "}}", count: 31)
        let results = Results()
        let thread = Thread {
            do {
                let first = try PayloadDecoder.decode(Chain.self, from: Array(chain.utf8))
                let second = try PayloadDecoder.decode(Nest.self, from: Array(nest.utf8))
                let third = try PayloadDecoder.decode(Tree.self, from: Array(tree.utf8))
                let texts = [
                    String(decoding: try PayloadEncoder.encode(second), as: UTF8.self),
                    String(decoding: try PayloadEncoder.encode(third), as: UTF8.self),
                    String(decoding: try PayloadEncoder.encode(first), as: UTF8.self),
                ]
                results.texts.withLock { $0 = texts }
            } catch {
                results.texts.withLock { $0 = ["\(error)"] }
            }
            results.done.signal()
        }
        thread.stackSize = 512 * 1_024
        thread.start()
        results.done.wait()
        let texts = results.texts.withLock(\.self)
        #expect(texts.prefix(2) == [nest, tree])
    }

    private final class Results: Sendable {
        let done = DispatchSemaphore(value: 0)
        let texts = Locked<[String]>([])
    }

    @Test func manyErrorsUnderALongNameCostLittle() throws {
        struct Either: Decodable {
            init(from decoder: any Decoder) throws {
                _ = try? decoder.singleValueContainer().decode(Int.self)
                _ = try? decoder.container(keyedBy: PayloadKey.self)
            }
        }
        let name = String(repeating: "n", count: 3_000_000)
        let list = repeatElement("\"\"", count: 50_000).joined(separator: ",")
        let json = Array("{\"\(name)\":[\(list)]}".utf8)
        let time = try threadTime {
            let read = try PayloadDecoder.decode([String: [Either]].self, from: json)
            #expect(read[name]?.count == 50_000)
        }
        #expect(time < .seconds(10))
    }
}
