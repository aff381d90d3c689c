import XCTest

@testable import ActorIO

final class FrameWriterTests: XCTestCase {
    func testWritesTheUnmaskedHelloOfTheRFC() {
        XCTAssertEqual(
            FrameWriter.frame(.text, Array("Hello".utf8)),
            [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        )
    }

    func testWritesTheMaskedHelloOfTheRFC() {
        XCTAssertEqual(
            FrameWriter.frame(.text, Array("Hello".utf8), mask: 0x3D21_FA37),
            [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
    }

    func testTakesTheShortestLengthOnBothSidesOfEveryBorder() {
        let headers: [(Int, [UInt8])] = [
            (0, [0x82, 0]), (125, [0x82, 125]),
            (126, [0x82, 126, 0, 126]), (256, [0x82, 126, 1, 0]),
            (65_535, [0x82, 126, 0xFF, 0xFF]),
            (65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ]
        for (count, header) in headers {
            let frame = FrameWriter.frame(.binary, [UInt8](repeating: 7, count: count))
            XCTAssertEqual(Array(frame.prefix(header.count)), header)
            XCTAssertEqual(frame.count, header.count + count)
            XCTAssertEqual(FrameWriter.headerSize(for: count), header.count)
        }
    }

    func testWritesACloseFrameWithItsCodeAndReason() {
        XCTAssertEqual(
            FrameWriter.close(.normal, reason: "bye"),
            [0x88, 5, 0x03, 0xE8] + Array("bye".utf8)
        )
        XCTAssertEqual(FrameWriter.close(nil, reason: "unused"), [0x88, 0])
    }

    func testNeverWritesACodeThatMayNotBeSent() {
        for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, .max] {
            XCTAssertEqual(FrameWriter.close(CloseCode(rawValue: code), reason: "x"), [0x88, 0])
        }
    }

    func testCutsALongReasonBetweenCharacters() {
        // 122 letters and a character of two bytes would be 124: one too many.
        let frame = FrameWriter.close(.goingAway, reason: String(repeating: "a", count: 122) + "é…")
        XCTAssertEqual(frame[1], 2 + 122)
        XCTAssertEqual(frame.last, UInt8(ascii: "a"))
        XCTAssertEqual(
            FrameWriter.close(.goingAway, reason: String(repeating: "é", count: 99))[1],
            124
        )
    }
}
