import XCTest

@testable import ActorIO

final class TokenTests: XCTestCase {
    func testTokensHaveTheAskedLengthAndNeverRepeat() {
        XCTAssertEqual(Token.bytes(0), [])
        XCTAssertEqual(Token.bytes(1_000).count, 1_000)
        XCTAssertEqual(Token.text(bytes: 24).utf8.count, 32)
        XCTAssertEqual(Set((0..<2_000).map { _ in Token.text(bytes: 24) }).count, 2_000)
    }

    func testRandomBytesAreSpreadOverAllValues() {
        var seen = [Int](repeating: 0, count: 256)
        for byte in Token.bytes(65_536) {
            seen[Int(byte)] += 1
        }
        XCTAssertTrue(seen.allSatisfy { (100...500).contains($0) }, "\(seen)")
    }

    func testShortIDsAreTwentyURLSafeCharactersAndComeBack() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for _ in 0..<1_000 {
            let id = ShortID()
            XCTAssertEqual(id.text.utf8.count, 20)
            XCTAssertTrue(id.text.allSatisfy(alphabet.contains))
            XCTAssertEqual(ShortID(id.text), id)
            XCTAssertEqual(ShortID([UInt8](id.text)[...]), id)
        }
    }

    func testAShortIDIsItsFifteenBytesInBase64() {
        let bytes = Array(UInt8(240)...254)
        let text = Base64.encode(bytes, .url, padding: false)
        XCTAssertEqual(ShortID(text)?.text, String(decoding: text, as: UTF8.self))
    }

    func testShortIDsRefuseAnyOtherText() {
        for bad in ["", "short", "aaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaa"] {
            XCTAssertNil(ShortID(bad))
        }
        XCTAssertNil(ShortID("aaaaaaaaaaaaaaaaaaa+"))
        XCTAssertNil(ShortID("aaaaaaaaaaaaaaaaaaé"))
        XCTAssertNotNil(ShortID("aaaaaaaaaaaaaaaaaaa_"))
    }

    func testShortIDsNeverRepeat() {
        XCTAssertEqual(Set((0..<10_000).map { _ in ShortID() }).count, 10_000)
        XCTAssertEqual(MemoryLayout<ShortID>.size, 16)
    }
}
