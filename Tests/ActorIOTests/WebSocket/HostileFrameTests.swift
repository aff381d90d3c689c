import XCTest

@testable import ActorIO

/// What a peer may not send, each in one write, byte by byte and split at every position.
final class HostileFrameTests: XCTestCase {
    private let small = MessageParser(role: .server, maxPayload: 1_000)

    func testRefusesAFrameThatIsNotMaskedFromAClient() {
        FrameFeed.expect([0x81, 0x02, 0x34, 0x61], .protocolError)
        FrameFeed.expect([0x89, 0x00], .protocolError)
    }

    func testRefusesAFrameThatIsMaskedFromAServer() {
        let client = MessageParser(role: .client, maxPayload: 1_000)
        FrameFeed.expect(FrameFeed.masked(.text, "4a"), .protocolError, client)
    }

    func testRefusesEveryReservedBitAlsoInTheFirstFrame() {
        for bit: UInt8 in [0x40, 0x20, 0x10, 0x70] {
            var frame = FrameFeed.masked(.text, "4a")
            frame[0] |= bit
            FrameFeed.expect(frame, .protocolError)
            let hello = FrameFeed.masked(.text, "4b")
            FrameFeed.expect(hello + frame, .protocolError, after: [.text(Array("4b".utf8))])
        }
    }

    func testRefusesEveryReservedOpcode() {
        for opcode: UInt8 in [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] {
            FrameFeed.expect([0x80 | opcode, 0x80, 0, 0, 0, 0], .protocolError)
        }
    }

    func testRefusesAControlFrameThatIsTooLongOrFragmented() {
        for opcode in [Opcode.close, .ping, .pong] {
            let long = FrameFeed.masked(opcode, [UInt8](repeating: 0, count: 126))
            FrameFeed.expect(long, .protocolError)
            FrameFeed.expect(FrameFeed.masked(opcode, "a", isFinal: false), .protocolError)
            // A length of 127 announces 8 more bytes; the second byte is enough to refuse it.
            FrameFeed.expect([0x80 | opcode.rawValue, 0xFF], .protocolError)
        }
    }

    func testRefusesALengthThatIsNotInItsShortestForm() {
        FrameFeed.expect([0x81, 0xFE, 0, 125, 0, 0, 0, 0], .protocolError)
        FrameFeed.expect([0x81, 0xFE, 0, 0], .protocolError)
        FrameFeed.expect([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .protocolError)
        FrameFeed.expect([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1], .protocolError)
    }

    func testRefusesAnyLengthAboveTheLimitWithoutConvertingIt() {
        for length: UInt64 in [1_000_001, 1 << 32, 1 << 62, UInt64(Int.max), 1 << 63, .max] {
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(56 - 8 * $0)) }
            FrameFeed.expect([0x82, 0xFF] + bytes, .messageTooBig)
        }
        FrameFeed.expect([0x82, 0xFE, 0x03, 0xE9], .messageTooBig, small)
    }

    func testAcceptsAMessageOfExactlyTheLimit() {
        let payload = [UInt8](repeating: 1, count: 1_000)
        let outcome = FrameFeed.everyWay(FrameFeed.masked(.binary, payload), small)
        XCTAssertEqual(outcome, .init(messages: [.binary(payload)]))
    }

    func testTheLargestLimitIsNoTrap() {
        var parser = MessageParser(role: .server, maxPayload: .max)
        let head: [UInt8] = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        XCTAssertEqual(FrameFeed.feed([head + [0, 0, 0, 0], [1], [2]], to: &parser), .init())
        XCTAssertLessThan(parser.heldBytes, 1_000)
    }

    func testReservesNothingForAGigabyteThatIsOnlyAnnounced() {
        var parser = MessageParser(role: .server, maxPayload: 2_000_000_000)
        let head: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]
        XCTAssertEqual(FrameFeed.feed([head], to: &parser), .init())
        XCTAssertEqual(parser.heldBytes, 0)
        for minute in 1...300 {
            XCTAssertEqual(FrameFeed.feed([[0]], to: &parser), .init())
            XCTAssertLessThanOrEqual(parser.heldBytes, 2 * max(minute, 256) + 64)
        }
        XCTAssertTrue(parser.isMidMessage)
    }

    func testRefusesAContinuationOfNothing() {
        FrameFeed.expect(FrameFeed.masked(.continuation, "a"), .protocolError)
        FrameFeed.expect(
            FrameFeed.masked(.text, "4a") + FrameFeed.masked(.continuation, "b", isFinal: false),
            .protocolError,
            after: [.text(Array("4a".utf8))]
        )
    }

    func testRefusesANewMessageInsideAFragmentedOne() {
        for opcode in [Opcode.text, .binary] {
            let begun = FrameFeed.masked(.text, "4a", isFinal: false)
            FrameFeed.expect(begun + FrameFeed.masked(opcode, "4b"), .protocolError)
        }
    }

    func testRefusesFragmentsThatTogetherAreTooBigBeforeTheLastIsRead() {
        let half = [UInt8](repeating: 1, count: 501)
        let begun = FrameFeed.masked(.binary, half, isFinal: false)
        let head = FrameFeed.masked(.continuation, half).prefix(8)
        FrameFeed.expect(begun + head, .messageTooBig, small)
    }

    func testRefusesEndlessFragmentsEmptyOrTiny() {
        let parser = MessageParser(role: .server, maxPayload: 1_000, maxFragments: 20)
        for payload in [[UInt8](), [0x61]] {
            var bytes = FrameFeed.masked(.text, payload, isFinal: false)
            for _ in 1..<20 { bytes += FrameFeed.masked(.continuation, payload, isFinal: false) }
            XCTAssertEqual(FrameFeed.everyWay(bytes, parser), .init())
            bytes += FrameFeed.masked(.continuation, payload, isFinal: false)
            FrameFeed.expect(bytes, .policyViolation, parser)
        }
    }

    func testCountsTheFragmentsOfEachMessageAnew() {
        let parser = MessageParser(role: .server, maxPayload: 1_000, maxFragments: 2)
        let message =
            FrameFeed.masked(.text, "4", isFinal: false) + FrameFeed.masked(.continuation, "a")
        let outcome = FrameFeed.everyWay(message + message + message, parser)
        XCTAssertEqual(outcome.messages.count, 3)
    }

    func testTinyFragmentsCostNoMoreThanTheirBytes() {
        var parser = MessageParser(role: .server, maxPayload: 1_000_000)
        var bytes = FrameFeed.masked(.binary, [1], isFinal: false)
        for _ in 0..<4_000 { bytes += FrameFeed.masked(.continuation, [1], isFinal: false) }
        XCTAssertEqual(FrameFeed.feed([bytes], to: &parser), .init())
        XCTAssertLessThan(parser.heldBytes, 2 * 4_096 + 64)
    }

    func testRefusesTextThatIsNotUTF8() {
        let bad: [[UInt8]] = [
            [0x34, 0xFF], [0xC3, 0x28], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0x80], [0x34, 0xF0, 0x9F, 0x90], [0xC3],
            [UInt8](repeating: 0x61, count: 64) + [0xF8],
        ]
        for payload in bad { FrameFeed.expect(FrameFeed.masked(.text, payload), .invalidPayload) }
    }

    func testRefusesBadUTF8AsSoonAsAFragmentShowsIt() {
        FrameFeed.expect(
            FrameFeed.masked(.text, [0x34, 0xC3], isFinal: false)
                + FrameFeed.masked(.continuation, [0x28], isFinal: false),
            .invalidPayload
        )
        FrameFeed.expect(
            FrameFeed.masked(.text, [0x34, 0xC3], isFinal: false) + FrameFeed.masked(.continuation),
            .invalidPayload
        )
    }

    func testAnUnfinishedCharacterOfOneMessageDoesNotReachTheNext() {
        let binary =
            FrameFeed.masked(.binary, [0xC3], isFinal: false) + FrameFeed.masked(.continuation)
        let text =
            FrameFeed.masked(.text, "4", isFinal: false) + FrameFeed.masked(.continuation, "é")
        XCTAssertEqual(
            FrameFeed.everyWay(binary + text),
            .init(messages: [.binary([0xC3]), .text(Array("4é".utf8))])
        )
    }

    func testRefusesACloseWithOneByteABadCodeOrABadReason() {
        FrameFeed.expect(FrameFeed.masked(.close, [0x03]), .protocolError)
        for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, .max] {
            let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
            FrameFeed.expect(FrameFeed.masked(.close, payload), .protocolError)
        }
        FrameFeed.expect(FrameFeed.masked(.close, [0x03, 0xE8, 0xC3, 0x28]), .invalidPayload)
    }

    func testRefusesCompressionThatWasNotAgreedOn() {
        // "Hello" as permessage-deflate sends it (RFC 7692 7.2.3.1): RSV1 is set.
        var frame = FrameFeed.masked(.text, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        frame[0] = 0xC1
        FrameFeed.expect(frame, .protocolError)
    }

    func testRefusesARequestOnAnUpgradedConnection() {
        FrameFeed.expect(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), .protocolError)
    }

    func testReadsNothingAfterAnErrorAndHoldsNothing() {
        var parser = MessageParser(role: .server, maxPayload: 1_000)
        let begun = FrameFeed.masked(.text, "4a", isFinal: false)
        let outcome = FrameFeed.feed([begun + [0x83], FrameFeed.masked(.ping, "a")], to: &parser)
        XCTAssertEqual(outcome.error?.code, .protocolError)
        XCTAssertEqual(outcome.messages, [])
        XCTAssertEqual(parser.heldBytes, 0)
        XCTAssertFalse(parser.isMidMessage)
    }

    func testAHundredThousandPingsAreOneMessageEach() {
        let ping = FrameFeed.masked(.ping, "a")
        var parser = MessageParser(role: .server, maxPayload: 1_000)
        let chunk = (0..<1_000).flatMap { _ in ping }
        for _ in 0..<100 {
            XCTAssertEqual(FrameFeed.feed([chunk], to: &parser).messages.count, 1_000)
        }
        XCTAssertEqual(parser.heldBytes, 0)
    }
}
