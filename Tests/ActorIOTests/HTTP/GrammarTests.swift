import XCTest

@testable import ActorIO

final class GrammarTests: XCTestCase {
    func testKnowsTheLettersOfATokenAndNoOthers() {
        let token = Set(
            "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8
        )
        for byte in UInt8.min...UInt8.max {
            XCTAssertEqual(Grammar.isToken(byte), token.contains(byte), "\(byte)")
        }
    }

    func testLowersASCIIOnly() {
        for byte in UInt8.min...UInt8.max {
            let isUpper = (0x41...0x5A).contains(byte)
            XCTAssertEqual(Grammar.lowercased(byte), isUpper ? byte + 32 : byte)
        }
    }

    func testReadsDigitsOnly() {
        XCTAssertEqual(Grammar.decimal("0".utf8), 0)
        XCTAssertEqual(Grammar.decimal("9223372036854775807".utf8), .max)
        for text in ["", "+5", "-5", " 5", "5 ", "9223372036854775808", "99999999999999999999"] {
            XCTAssertNil(Grammar.decimal(text.utf8), text)
        }
    }

    func testSplitsLists() {
        XCTAssertEqual(Grammar.list(" Keep-Alive ,, UPGRADE\t,"), ["keep-alive", "upgrade"])
    }
}
