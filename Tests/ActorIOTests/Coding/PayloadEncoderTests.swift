import Foundation
import Testing

@testable import ActorIO

struct PayloadEncoderTests {
    @Test func encodingErrorsNameThePlace() {
        struct Bad: Encodable { var when = [Date(timeIntervalSince1970: .infinity)] }
        var arguments = EncodedArguments()
        do {
            try arguments.append(1)
            try arguments.append(Bad())
            Issue.record("encoded")
        } catch EncodingError.invalidValue(_, let context) {
            #expect(context.codingPath.map(\.stringValue) == ["when", "0"])
        } catch { Issue.record(error) }
        #expect(String(decoding: arguments.json, as: UTF8.self) == "1")
    }

    @Test func aMisuseIsAnErrorAndNoTrap() {
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var single = encoder.singleValueContainer()
                try single.encode(1)
                try single.encode(2)
            }
        }
        struct Mixed: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(1)
                var object = encoder.container(keyedBy: PayloadKey.self)
                try object.encode(1, forKey: .name("a"))
            }
        }
        #expect(throws: EncodingError.self) { try PayloadEncoder.encode(Twice()) }
        #expect(throws: EncodingError.self) { try PayloadEncoder.encode([Mixed()]) }
    }

    @Test func nestingEndsBeforeTheStackDoes() throws {
        final class Chain: Encodable { var next: Chain? }
        func chain(_ length: Int) -> Chain {
            let first = Chain()
            var last = first
            for _ in 1..<length {
                let next = Chain()
                last.next = next
                last = next
            }
            return first
        }
        #expect(try PayloadEncoder.encode(chain(100)).count == 100 * 9 - 7)
        #expect(throws: EncodingError.self) { try PayloadEncoder.encode(chain(200)) }
    }
}
