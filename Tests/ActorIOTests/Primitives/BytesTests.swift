import XCTest

@testable import ActorIO

final class BytesTests: XCTestCase {
    func testAppendsNumbersAsDecimalDigits() {
        for number in [0, 1, 9, 10, 99, 100, 1_234_567, -1, -45, Int.max, Int.min] {
            var bytes: [UInt8] = []
            bytes.append(decimal: number)
            XCTAssertEqual(String(decoding: bytes, as: UTF8.self), String(number))
        }
    }

    func testAppendsTextAsUTF8() {
        var bytes = [UInt8]("a")
        bytes.append("é")
        XCTAssertEqual(bytes, [0x61, 0xC3, 0xA9])
    }

    func testByteStringsTellCanonicallyEquivalentTextsApart() {
        let composed = ByteString("\u{E9}")
        let decomposed = ByteString("e\u{301}")
        XCTAssertEqual(composed.text, decomposed.text, "String itself finds them equal")
        XCTAssertNotEqual(composed, decomposed)
        XCTAssertEqual(Set([composed, decomposed, ByteString("\u{E9}")]).count, 2)
    }

    func testByteStringsOfEqualBytesAreEqualAndHashAlike() {
        let long = String(repeating: "room:", count: 20)
        XCTAssertEqual(ByteString(long), ByteString(String(Array(long))))
        XCTAssertEqual(Set([ByteString(long), ByteString(String(Array(long))), "x"]).count, 2)
        XCTAssertEqual(ByteString(""), "")
        XCTAssertNotEqual(ByteString("a"), "ab")
    }
}
