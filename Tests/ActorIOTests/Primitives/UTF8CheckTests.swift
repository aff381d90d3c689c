import XCTest

@testable import ActorIO

final class UTF8CheckTests: XCTestCase {
    private static let valid: [[UInt8]] = [
        [], [UInt8]("hello world, this is long enough for words"), [UInt8]("κόσμε"),
        [UInt8]("aaaaaaaaé日本語👩\u{200D}👦aaaaaaaaaaaaaaaaaaaa"),
        [0xF4, 0x8F, 0xBF, 0xBF],
        [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xC2, 0x80], [0xE0, 0xA0, 0x80],
        [0xF0, 0x90, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0x00],
    ]

    /// Overlong forms, surrogates, too large, stray continuations, broken sequences.
    private static let invalid: [[UInt8]] = [
        [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80],
        [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE],
        [0x80], [0xBF], [0xC3, 0x28], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28],
        [0xF0, 0x28, 0x8C, 0xBC], [UInt8](repeating: 0x61, count: 20) + [0xC3, 0xC3],
    ]

    func testAcceptsValidTextHoweverItIsCut() {
        for bytes in Self.valid {
            XCTAssertTrue(UTF8Check.isValid(bytes.span))
            for first in 0...bytes.count {
                for second in first...bytes.count {
                    var check = UTF8Check()
                    XCTAssertTrue(check.accept(Array(bytes[..<first])))
                    XCTAssertTrue(check.accept(Array(bytes[first..<second])))
                    XCTAssertTrue(check.accept(Array(bytes[second...])))
                    XCTAssertTrue(check.isComplete)
                }
            }
        }
    }

    func testRefusesInvalidTextHoweverItIsCut() {
        for bytes in Self.invalid {
            for cut in 0...bytes.count {
                var check = UTF8Check()
                let accepted = check.accept(Array(bytes[..<cut]))
                XCTAssertFalse(accepted && check.accept(Array(bytes[cut...])), "\(bytes) at \(cut)")
            }
        }
    }

    func testFailsAtTheFirstBadByteAndNotAtTheEnd() {
        var check = UTF8Check()
        XCTAssertFalse(check.accept([0xED, 0xA0]))
        var other = UTF8Check()
        XCTAssertTrue(other.accept([0xED]))
        XCTAssertFalse(other.isComplete)
    }

    func testATruncatedCharacterIsNotComplete() {
        for bytes: [UInt8] in [[0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x92], [0x61, 0xF0]] {
            var check = UTF8Check()
            XCTAssertTrue(check.accept(bytes))
            XCTAssertFalse(check.isComplete)
            XCTAssertFalse(UTF8Check.isValid(bytes.span))
        }
    }

    func testAgreesWithTheStandardLibraryOnEveryPairOfBytes() {
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max {
                let bytes = [first, second, 0x80]
                XCTAssertEqual(
                    UTF8Check.isValid(bytes.span),
                    String(validating: bytes, as: UTF8.self) != nil,
                    "\(bytes)"
                )
            }
        }
    }
}
