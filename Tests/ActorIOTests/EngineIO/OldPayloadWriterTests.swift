import XCTest

@testable import ActorIO

final class OldPayloadWriterTests: XCTestCase {
    private let group = MessageGroup(text: Array("451-é🚀".utf8), binary: [[1, 2], []])

    func testTextCountsUTF16CodeUnitsAndHasBytesAsBase64() {
        var writer = OldPayloadWriter(.text)
        writer.append(group)
        writer.append(.noop)
        writer.append(.binary([255]))
        XCTAssertEqual(
            String(decoding: writer.body, as: UTF8.self),
            "7:451-é🚀6:b4AQI=2:b41:66:b4/w=="
        )
        XCTAssertEqual(writer.type, "text/plain; charset=UTF-8")
    }

    func testTheBinaryFormCountsBytesWithAByteForEachDigit() {
        var writer = OldPayloadWriter(.binary)
        writer.append(MessageGroup(text: Array("40".utf8)))
        writer.append(group)
        writer.append(.clientPing(Array("é".utf8)))
        XCTAssertEqual(
            writer.body,
            [0, 2, 0xFF, 0x34, 0x30] + [0, 1, 0, 0xFF] + Array("451-é🚀".utf8)
                + [1, 3, 0xFF, 4, 1, 2, 1, 1, 0xFF, 4] + [0, 3, 0xFF, 0x32, 0xC3, 0xA9]
        )
        XCTAssertEqual(writer.type, "application/octet-stream")
    }

    func testWhatItWritesTheParserReads() {
        let packets: [EnginePacket] = [
            .message(Array("4世🚀\u{0}".utf8)), .binary([UInt8](0...255)), .noop,
            .message(Array(("4" + String(repeating: "é", count: 5_000)).utf8)), .binary([]),
        ]
        for form in [OldPayloadParser.Form.text, .binary] {
            var writer = OldPayloadWriter(form)
            for packet in packets { writer.append(packet) }
            let parsed = OldPayloadParser.parse(writer.body, form, maxPackets: 10)
            XCTAssertEqual(parsed.packets, packets)
            XCTAssertFalse(parsed.failed)
        }
    }

    func testAnOutboxChoosesTheBinaryFormOnlyForBytesThatTheClientTakes() {
        var outbox = Outbox()
        outbox.append(MessageGroup(text: Array("40".utf8)))
        outbox.append(group)
        outbox.append(.noop)
        XCTAssertEqual(outbox.takeOldPayload(limit: 1, isText: false).type.prefix(4), "text")
        XCTAssertEqual(outbox.takeOldPayload(limit: 1, isText: false).type.prefix(3), "app")
        XCTAssertEqual(outbox.takeOldPayload(isText: false).body, Array("1:6".utf8))
        XCTAssertTrue(outbox.isEmpty)
        XCTAssertEqual(outbox.bytes, 0)
        outbox.append(group)
        XCTAssertEqual(outbox.takeOldPayload(isText: true).type.prefix(4), "text")
    }
}
