import XCTest

@testable import ActorIO

final class MessageGroupTests: XCTestCase {
    private static let sizes = [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537]
    private static let attachments: [[[UInt8]]] = [
        [], [[]], [[1, 2, 3]], [[UInt8](repeating: 9, count: 126), [], [7]],
        [[UInt8](repeating: 8, count: 65_536)],
    ]

    private func text(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(0x20 + $0 % 0x5F) }
    }

    private func check(_ group: MessageGroup, _ text: [UInt8], _ binary: [[UInt8]]) {
        XCTAssertEqual(Array(group.storage[group.text]), text)
        XCTAssertEqual(group.binary.map { Array(group.storage[$0]) }, binary)
        XCTAssertEqual(group.byteCount, group.frames.count)

        var parser = MessageParser(role: .client, maxPayload: 1_000_000)
        let outcome = FrameFeed.feed([Array(group.frames)], to: &parser)
        XCTAssertEqual(outcome, .init(messages: [.text(text)] + binary.map { .binary($0) }))
    }

    func testFramesTextsOfEverySizeWithAndWithoutAttachments() {
        for size in Self.sizes {
            for binary in Self.attachments {
                check(MessageGroup(text: text(size), binary: binary), text(size), binary)
            }
        }
    }

    func testFramesReservedTextsOfEverySizeWithAndWithoutAttachments() {
        for size in Self.sizes {
            for binary in Self.attachments {
                let reserved = [UInt8](repeating: 0, count: MessageGroup.reserve) + text(size)
                check(MessageGroup(reserved: reserved, binary: binary), text(size), binary)
            }
        }
    }

    func testPutsTheHeaderDirectlyInFrontOfTheText() {
        let group = MessageGroup(text: Array("4hi".utf8), binary: [[0xAA]])
        XCTAssertEqual(Array(group.frames), [0x81, 3, 0x34, 0x68, 0x69, 0x82, 1, 0xAA])
        XCTAssertEqual(group.start, 8)
        XCTAssertEqual(group.text, 10..<13)
        XCTAssertEqual(group.binary, [15..<16])
    }

    func testDoesNotCopyAReservedTextThatIsGivenAway() {
        var reserved = [UInt8](repeating: 0, count: MessageGroup.reserve)
        reserved.append(contentsOf: text(1_000))
        let before = address(of: reserved)
        let group = MessageGroup(reserved: consume reserved)
        XCTAssertEqual(address(of: group.storage), before)
    }

    private func address(of bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
    }

    func testAReservedTextWithoutItsFreeBytesIsNoTrap() {
        check(MessageGroup(reserved: []), [], [])
    }

    func testBinaryMessagesMayComeWithoutAText() {
        for binary in Self.attachments where !binary.isEmpty {
            let group = MessageGroup(binary: binary)
            XCTAssertFalse(group.hasText)
            XCTAssertEqual(group.messageCount, binary.count)
            XCTAssertEqual(group.binary.map { Array(group.storage[$0]) }, binary)
            XCTAssertEqual(group.byteCount, group.frames.count)

            var parser = MessageParser(role: .client, maxPayload: 1_000_000)
            let outcome = FrameFeed.feed([Array(group.frames)], to: &parser)
            XCTAssertEqual(outcome, .init(messages: binary.map { .binary($0) }))

            var body: [UInt8] = []
            PayloadWriter.append(group, to: &body)
            PayloadWriter.append(MessageGroup(text: Array("4x".utf8)), to: &body)
            let packets = PayloadParser.parse(body, maxPackets: .max).packets
            XCTAssertEqual(packets, binary.map { .binary($0) } + [.message(Array("4x".utf8))])
        }
    }

    func testAPollTakesAsManyPacketsAsItMayOfBinaryMessagesToo() {
        var box = Outbox()
        for byte in UInt8(0)..<3 { box.append(MessageGroup(binary: [[byte], [9]])) }
        XCTAssertEqual(box.bytes, 3 * 6)
        let body = box.takePayload(limit: 5)
        XCTAssertEqual(
            String(decoding: body, as: UTF8.self),
            "bAA==\u{1E}bCQ==\u{1E}bAQ==\u{1E}bCQ=="
        )
        XCTAssertEqual(box.count, 1)
        XCTAssertEqual(box.bytes, 6)
    }
}
