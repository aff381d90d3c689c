import XCTest

@testable import ActorIO

final class OldPayloadParserTests: XCTestCase {
    private func text(
        _ body: String,
        maxPackets: Int = 100
    ) -> (packets: [EnginePacket], failed: Bool) {
        OldPayloadParser.parse(Array(body.utf8), .text, maxPackets: maxPackets)
    }

    private func binary(_ body: [UInt8]) -> (packets: [EnginePacket], failed: Bool) {
        OldPayloadParser.parse(body, .binary, maxPackets: 100)
    }

    private func message(_ text: String) -> EnginePacket { .message(Array(text.utf8)) }

    func testReadsTextsWhoseLengthsCountUTF16CodeUnits() {
        let parsed = text("3:4aé5:4世🚀x2:4\u{0}1:6")
        XCTAssertEqual(
            parsed.packets,
            [message("4aé"), message("4世🚀x"), message("4\u{0}"), .noop]
        )
        XCTAssertFalse(parsed.failed)
    }

    func testReadsPingsWithAnyTextAndBytesAsBase64BehindTheType() {
        let parsed = text("1:26:2probe4:2é: 6:b4AQI=2:b41:5")
        XCTAssertEqual(
            parsed.packets,
            [
                .clientPing([]), .clientPing(Array("probe".utf8)), .clientPing(Array("é: ".utf8)),
                .binary([1, 2]), .binary([]), .upgrade,
            ]
        )
        XCTAssertFalse(parsed.failed)
    }

    func testReadsTheBinaryFormWhoseLengthsCountBytes() {
        let parsed = binary(
            [0, 2, 0xFF, 0x34, 0x30, 1, 3, 0xFF, 4, 1, 2, 0, 1, 2, 0xFF, 0x34]
                + Array("é456789012".utf8) + [1, 1, 0xFF, 4, 0, 1, 0xFF, 0x32]
        )
        XCTAssertEqual(
            parsed.packets,
            [message("40"), .binary([1, 2]), message("4é456789012"), .binary([]), .clientPing([])]
        )
        XCTAssertFalse(parsed.failed)
    }

    func testALengthThatIsNoneOrDoesNotFitIsAnErrorAndWhatStoodBeforeItIsKept() {
        let bad = [
            "", ":", ":4", "0:", "0:4", "00:", "01:4", "1", "12", "4", "x:4", "1x:4", "-1:4",
            "+1:4", " 1:4", "1 :4", "1;4", "2:4", "9:4a", "99999999999999999999:4",
            "18446744073709551617:4", "9223372036854775807:4", "9223372036854775808:4",
            String(repeating: "9", count: 5_000) + ":4", String(repeating: "1", count: 5_000),
            "1:41", "1:4:", "1:40:", "\u{661}:4", "1\u{1E}4",
        ]
        for body in bad {
            XCTAssertTrue(text(body).failed, body)
            let behind = text("2:4a" + body)
            XCTAssertEqual(behind.packets.first, message("4a"), body)
            XCTAssertEqual(behind.failed, !body.isEmpty, body)
        }
    }

    func testALengthThatEndsInsideACharacterIsAnError() {
        XCTAssertTrue(text("2:4🚀").failed)
        XCTAssertTrue(text("4:4🚀🚀").failed)
        XCTAssertEqual(text("3:4🚀").packets, [message("4🚀")])
        XCTAssertEqual(text("3:4🚀2:4x").packets, [message("4🚀"), message("4x")])
    }

    func testBytesThatAreNoUTF8AreAnErrorInBothForms() {
        let bad: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80],
            [0xFF], [0xF0, 0x9F, 0x9A], [0xC3, 0x28],
        ]
        for bytes in bad {
            for units in 1...4 {
                let body = Array("\(units):4".utf8) + bytes
                let parsed = OldPayloadParser.parse(body, .text, maxPackets: 9)
                XCTAssertTrue(parsed.failed, "\(body)")
                XCTAssertTrue(parsed.packets.allSatisfy { $0 == message("4") }, "\(body)")
            }
            let count = UInt8(bytes.count + 1)
            XCTAssertTrue(binary([0, count, 0xFF, 0x34] + bytes).failed, "\(bytes)")
        }
    }

    func testPacketsThatAreNoneAreAnError() {
        for body in ["1:7", "1:x", "1:b", "2:b1", "3:b4A", "6:b4AQI*", "7:b4AQI==", "2:3x", "2:1x"]
        {
            XCTAssertTrue(text(body).failed, body)
        }
    }

    func testABinaryFormThatIsCutOrLiesIsAnError() {
        let bad: [[UInt8]] = [
            [], [0], [1], [2, 1, 0xFF, 0x34], [0x31, 0x3A, 0x34], [0, 0xFF], [0, 0, 0xFF],
            [0, 0, 1, 0xFF, 0x34], [0, 1], [0, 1, 0xFF], [0, 2, 0xFF, 0x34], [0, 10, 0xFF, 0x34],
            [0, 0x31, 0xFF, 0x34], [0, 9, 9, 9, 9, 0xFF, 0x34], [1, 1, 0xFF, 0x34],
            [1, 2, 0xFF, 3, 1], [1, 1, 0xFF, 0], [0, 1, 0xFF, 0x34, 7],
            [0] + [UInt8](repeating: 9, count: 20) + [0xFF, 0x34],
            [1] + [UInt8](repeating: 9, count: 400) + [0xFF, 4],
            [0] + [UInt8](repeating: 1, count: 5_000),
        ]
        for body in bad { XCTAssertTrue(binary(body).failed, "\(body.prefix(20))") }
    }

    func testMorePacketsThanAllowedAreAnErrorAndNothingBehindACloseIsRead() {
        XCTAssertFalse(text("1:61:61:6", maxPackets: 3).failed)
        let many = text("1:61:61:61:6", maxPackets: 3)
        XCTAssertEqual(many.packets, [.noop, .noop, .noop])
        XCTAssertTrue(many.failed)
        let closed = text("1:1rubbish")
        XCTAssertEqual(closed.packets, [.close])
        XCTAssertFalse(closed.failed)
    }

    func testEveryCutAndEveryChangedByteOfAPayloadEndsWithoutATrap() {
        let texts = Array("3:4aé5:4世🚀x6:b4AQI=1:2".utf8)
        let bytes: [UInt8] = [0, 2, 0xFF, 0x34, 0x30, 1, 3, 0xFF, 4, 1, 2, 0, 1, 0xFF, 0x36]
        for (body, form) in [(texts, OldPayloadParser.Form.text), (bytes, .binary)] {
            for end in 0..<body.count {
                let parsed = OldPayloadParser.parse(Array(body[..<end]), form, maxPackets: 9)
                XCTAssertLessThan(parsed.packets.count, 5)
            }
            for place in body.indices {
                for value in UInt8.min...UInt8.max {
                    var changed = body
                    changed[place] = value
                    let parsed = OldPayloadParser.parse(changed, form, maxPackets: 9)
                    XCTAssertLessThan(parsed.packets.count, 10)
                }
            }
        }
    }

    func testItLooksAtEachByteOnlyAFewTimes() {
        let bodies: [[UInt8]] = [
            Array(String(repeating: "1:6", count: 100_000).utf8),
            Array("300000:4".utf8) + [UInt8](repeating: 0x61, count: 299_999),
            Array("150000:4".utf8) + [UInt8](repeating: 0x80, count: 299_999),
            [UInt8](repeating: 0x31, count: 300_000),
        ]
        for body in bodies {
            let time = threadTime {
                _ = OldPayloadParser.parse(body, .text, maxPackets: 1_000_000)
            }
            // A quadratic reader would take minutes; the slowest machine does this in a blink.
            XCTAssertLessThan(time, .seconds(20))
        }
    }
}
