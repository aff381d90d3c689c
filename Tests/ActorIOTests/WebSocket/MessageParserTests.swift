import XCTest

@testable import ActorIO

/// What a well-behaved peer sends.
final class MessageParserTests: XCTestCase {
    private let client = MessageParser(role: .client, maxPayload: 1_000_000)

    func testParsesTheExamplesOfTheRFC() {
        let hello = WebSocketMessage.text(Array("Hello".utf8))
        let unmasked: [UInt8] = [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        XCTAssertEqual(FrameFeed.everyWay(unmasked, client).messages, [hello])

        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        XCTAssertEqual(FrameFeed.everyWay(masked).messages, [hello])

        let fragments: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        XCTAssertEqual(FrameFeed.everyWay(fragments, client).messages, [hello])

        let ping: [UInt8] = [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        XCTAssertEqual(FrameFeed.everyWay(ping, client).messages, [.ping(Array("Hello".utf8))])

        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        XCTAssertEqual(FrameFeed.everyWay(pong).messages, [.pong(Array("Hello".utf8))])

        let short = [UInt8](repeating: 0xAB, count: 256)
        let medium = [0x82, 0x7E, 0x01, 0x00] + short
        XCTAssertEqual(FrameFeed.everyWay(medium, client).messages, [.binary(short)])

        let long = [UInt8](repeating: 0xCD, count: 65_536)
        let large = [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + long
        XCTAssertEqual(FrameFeed.everyWay(large, client).messages, [.binary(long)])
    }

    func testParsesManyMessagesOfOneRead() {
        var bytes: [UInt8] = []
        for number in 0..<100 { bytes += FrameFeed.masked(.text, "4\(number)") }
        let messages = (0..<100).map { WebSocketMessage.text(Array("4\($0)".utf8)) }
        XCTAssertEqual(FrameFeed.everyWay(bytes).messages, messages)
    }

    func testParsesEmptyMessagesAndControlFrames() {
        let bytes =
            FrameFeed.masked(.text) + FrameFeed.masked(.binary) + FrameFeed.masked(.ping)
            + FrameFeed.masked(.pong) + FrameFeed.masked(.close)
        XCTAssertEqual(
            FrameFeed.everyWay(bytes).messages,
            [.text([]), .binary([]), .ping([]), .pong([]), .close(nil, reason: "")]
        )
    }

    func testParsesEveryLengthAroundTheBorders() {
        for count in [1, 2, 3, 4, 5, 7, 8, 9, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let outcome = FrameFeed.everyWay(FrameFeed.masked(.binary, payload))
            XCTAssertEqual(outcome, .init(messages: [.binary(payload)]))
        }
    }

    func testUnmasksTheKeysOfZeroAndAllOnesHoweverTheDataIsSplit() {
        let text = Array("42[\"chat\",\"žluťoučký kůň 🐎\"]".utf8)
        for key: UInt32 in [0, .max, 1, 0xFF00_0000] {
            let outcome = FrameFeed.everyWay(FrameFeed.masked(.text, text, key: key))
            XCTAssertEqual(outcome, .init(messages: [.text(text)]))
        }
    }

    func testDeliversControlFramesBetweenFragments() {
        let bytes =
            FrameFeed.masked(.text, "4a", isFinal: false) + FrameFeed.masked(.ping, "?")
            + FrameFeed.masked(.continuation, "b", isFinal: false) + FrameFeed.masked(.pong, "!")
            + FrameFeed.masked(.continuation, "c") + FrameFeed.masked(.text, "4d")
        XCTAssertEqual(
            FrameFeed.everyWay(bytes).messages,
            [
                .ping(Array("?".utf8)), .pong(Array("!".utf8)),
                .text(Array("4abc".utf8)), .text(Array("4d".utf8)),
            ]
        )
    }

    func testAcceptsACharacterSplitOverFragments() {
        let horse = Array("🐎".utf8)
        let bytes =
            FrameFeed.masked(.text, Array(horse[..<1]), isFinal: false)
            + FrameFeed.masked(.continuation, [], isFinal: false)
            + FrameFeed.masked(.continuation, Array(horse[1..<3]), isFinal: false)
            + FrameFeed.masked(.continuation, Array(horse[3...]))
        XCTAssertEqual(FrameFeed.everyWay(bytes), .init(messages: [.text(horse)]))
    }

    func testParsesACloseFrameSpreadOverTwoReads() {
        let frame = FrameWriter.close(.goingAway, reason: "tab closed", mask: FrameFeed.key)
        let outcome = FrameFeed.everyWay(frame)
        XCTAssertEqual(outcome.messages, [.close(.goingAway, reason: "tab closed")])
    }

    func testAcceptsEveryCodeThatMayBeSent() {
        for code: UInt16 in [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4999] {
            let code = CloseCode(rawValue: code)
            let outcome = FrameFeed.everyWay(FrameWriter.close(code, mask: 0))
            XCTAssertEqual(outcome.messages, [.close(code, reason: "")])
        }
    }

    func testReadsNothingBehindAClose() {
        let bytes = FrameFeed.masked(.close) + FrameFeed.masked(.text, "4late") + [0xFF, 0xFF]
        XCTAssertEqual(FrameFeed.everyWay(bytes), .init(messages: [.close(nil, reason: "")]))
    }

    func testEchoesCarryExactlyTheBytesReceived() {
        let payload = FrameRandomBytes.control
        let outcome = FrameFeed.everyWay(FrameFeed.masked(.ping, payload))
        XCTAssertEqual(outcome.messages, [.ping(payload)])
    }

    func testSaysWhetherSomethingHasBegun() {
        var parser = MessageParser(role: .server, maxPayload: 100)
        let first = FrameFeed.masked(.text, "4a", isFinal: false)
        XCTAssertFalse(parser.isMidMessage)
        for byte in first {
            _ = FrameFeed.feed([[byte]], to: &parser)
            XCTAssertTrue(parser.isMidMessage)
        }
        _ = FrameFeed.feed([FrameFeed.masked(.continuation, "b")], to: &parser)
        XCTAssertFalse(parser.isMidMessage)
        XCTAssertEqual(parser.heldBytes, 0)
    }
}

private enum FrameRandomBytes {
    static let control: [UInt8] = (0..<125).map { UInt8($0 * 2) }
}
