import XCTest

@testable import ActorIO

final class EnginePacketTests: XCTestCase {
    private func parse(_ text: String) throws -> EnginePacket {
        try EnginePacket.parse(text: Array(text.utf8))
    }

    private func error(_ bytes: [UInt8]) -> EngineParseError? {
        do {
            _ = try EnginePacket.parse(text: bytes)
            return nil
        } catch {
            return error
        }
    }

    func testParsesAllSevenKinds() throws {
        XCTAssertEqual(try parse("0{\"sid\":\"a\"}"), .open(Array("{\"sid\":\"a\"}".utf8)))
        XCTAssertEqual(try parse("1"), .close)
        XCTAssertEqual(try parse("2"), .ping(probe: false))
        XCTAssertEqual(try parse("2probe"), .ping(probe: true))
        XCTAssertEqual(try parse("3"), .pong(probe: false))
        XCTAssertEqual(try parse("3probe"), .pong(probe: true))
        XCTAssertEqual(try parse("4"), .message([0x34]))
        XCTAssertEqual(try parse("42[\"a\"]"), .message(Array("42[\"a\"]".utf8)))
        XCTAssertEqual(try parse("5"), .upgrade)
        XCTAssertEqual(try parse("6"), .noop)
        XCTAssertEqual(EnginePacket(binary: [1, 2]), .binary([1, 2]))
    }

    func testRefusesAnEmptyTextAndUnknownTypes() {
        XCTAssertEqual(error([]), .empty)
        for text in ["7", "a", " 4", "abc", "\u{1E}", "é", "٤", "４"] {
            XCTAssertEqual(error(Array(text.utf8)), .unknownType, text)
        }
    }

    func testReadsBase64InATextFrameAsBinaryAndOnlyWhenItIsStrict() throws {
        let packet = try EnginePacket.parse(text: Array("bAQIDBA==".utf8))
        XCTAssertEqual(packet, .binary([1, 2, 3, 4]))
        XCTAssertEqual(try EnginePacket.parse(text: Array("b".utf8)), .binary([]))
        for text in ["bAQI", "bAQIDBA", "bAQI_", "b AQI=", "b#"] {
            XCTAssertEqual(error(Array(text.utf8)), .invalidBase64, text)
        }
    }

    func testRefusesPayloadsWhereThereIsNone() {
        for text in ["1x", "2prob", "2probes", "2PROBE", "3x", "5probe", "6 "] {
            XCTAssertEqual(error(Array(text.utf8)), .unexpectedPayload, text)
        }
    }

    func testWritesWhatItParses() throws {
        for text in ["0{}", "1", "2", "2probe", "3", "3probe", "4", "4é", "5", "6"] {
            XCTAssertEqual(try parse(text).text, Array(text.utf8))
        }
        XCTAssertEqual(EnginePacket.binary([1, 2, 3, 4]).text, Array("bAQIDBA==".utf8))
    }
}
