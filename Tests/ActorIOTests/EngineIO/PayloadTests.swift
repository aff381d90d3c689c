import XCTest

@testable import ActorIO

/// The body of a POST and of a poll, parsed and written.
final class PayloadTests: XCTestCase {
    private func parse(
        _ text: String,
        maxPackets: Int = 1_000
    ) -> (packets: [EnginePacket], failed: Bool) {
        PayloadParser.parse(Array(text.utf8), maxPackets: maxPackets)
    }

    private func message(_ text: String) -> EnginePacket {
        .message(Array(text.utf8))
    }

    func testParsesPacketsBetweenSeparators() {
        let (packets, failed) = parse("4hello\u{1E}2\u{1E}bAQIDBA==\u{1E}4€")
        XCTAssertEqual(
            packets,
            [message("4hello"), .ping(probe: false), .binary([1, 2, 3, 4]), message("4€")]
        )
        XCTAssertFalse(failed)
    }

    func testASinglePacketIsTheBody() {
        XCTAssertEqual(parse("42[\"a\"]").packets, [message("42[\"a\"]")])
        XCTAssertEqual(parse("b").packets, [.binary([])])
    }

    func testRefusesAnEmptyPayloadAndOnlySeparators() {
        for text in ["", "\u{1E}", "\u{1E}\u{1E}\u{1E}", "\u{1E}4a"] {
            let (packets, failed) = parse(text)
            XCTAssertEqual(packets, [])
            XCTAssertTrue(failed)
        }
    }

    func testDeliversThePacketsBeforeABadOne() {
        for bad in ["", "abc", "7", "é", "bAQIDB", "1x", "4\u{1E}"] {
            let (packets, failed) = parse("4a\u{1E}3\u{1E}\(bad)\u{1E}4late")
            XCTAssertEqual(Array(packets.prefix(2)), [message("4a"), .pong(probe: false)])
            XCTAssertFalse(packets.contains(message("4late")))
            XCTAssertTrue(failed, bad)
        }
        let (packets, failed) = parse("4a\u{1E}")
        XCTAssertEqual(packets, [message("4a")])
        XCTAssertTrue(failed, "a trailing separator is an empty packet")
    }

    func testRefusesBase64ThatIsNotStrict() {
        for text in [
            "bA", "bAA", "bAA=", "bAQID=", "bAQ==AQ==", "bA-_=", "bAQI\nDBA==", "bAQ= =", "bAR==",
            "b====",
        ] {
            let (packets, failed) = parse(text)
            XCTAssertEqual(packets, [], text)
            XCTAssertTrue(failed, text)
        }
    }

    func testRefusesAPacketThatIsNotUTF8() {
        let body: [UInt8] = [0x34, 0x61, 0x1E, 0x34, 0xC3, 0x1E, 0x34, 0xA9]
        let (packets, failed) = PayloadParser.parse(body, maxPackets: 10)
        XCTAssertEqual(packets, [message("4a")])
        XCTAssertTrue(failed)
        XCTAssertTrue(PayloadParser.parse([0x34, 0xFF], maxPackets: 10).failed)
        XCTAssertTrue(PayloadParser.parse([0xFF], maxPackets: 10).failed)
    }

    func testDoesNotLookBehindAClosePacket() {
        let (packets, failed) = parse("4a\u{1E}1\u{1E}4late\u{1E}nonsense")
        XCTAssertEqual(packets, [message("4a"), .close])
        XCTAssertFalse(failed)
    }

    func testTakesAsManyPacketsAsAllowed() {
        let text = Array(repeating: "4", count: 5).joined(separator: "\u{1E}")
        XCTAssertFalse(parse(text, maxPackets: 5).failed)
        let (packets, failed) = parse(text, maxPackets: 4)
        XCTAssertEqual(packets.count, 4)
        XCTAssertTrue(failed)
    }

    func testAHundredThousandPacketsTakeLinearTime() {
        let body = Array("4".utf8) + (1..<100_000).flatMap { _ in [UInt8(0x1E), 0x34] }
        XCTAssertEqual(PayloadParser.parse(body, maxPackets: 100_000).packets.count, 100_000)
        let short = fastest { _ = PayloadParser.parse(Array(body[..<9_999]), maxPackets: 100_000) }
        let long = fastest { _ = PayloadParser.parse(body, maxPackets: 100_000) }
        // Twenty times the packets: quadratic work would take four hundred times as long.
        XCTAssertLessThan(long, short * 150)
        let (packets, failed) = PayloadParser.parse(body, maxPackets: 10_000)
        XCTAssertEqual(packets.count, 10_000)
        XCTAssertTrue(failed)
    }

    /// The best of a few runs.
    private func fastest(_ work: () -> Void) -> Duration {
        (0..<5).map { _ in threadTime(work) }.min() ?? .zero
    }

    func testWritesGroupsAndPacketsThatParseBack() {
        var body: [UInt8] = []
        PayloadWriter.append(.open(Array("{}".utf8)), to: &body)
        PayloadWriter.append(MessageGroup(text: Array("4hello".utf8)), to: &body)
        PayloadWriter.append(
            MessageGroup(text: Array("4x".utf8), binary: [[1, 2, 3, 4], []]),
            to: &body
        )
        PayloadWriter.append(.binary([0xFF]), to: &body)
        PayloadWriter.append(.noop, to: &body)
        let text = "0{}\u{1E}4hello\u{1E}4x\u{1E}bAQIDBA==\u{1E}b\u{1E}b/w==\u{1E}6"
        XCTAssertEqual(String(decoding: body, as: UTF8.self), text)
        let (packets, failed) = PayloadParser.parse(body, maxPackets: 10)
        XCTAssertFalse(failed)
        XCTAssertEqual(
            packets,
            [
                .open(Array("{}".utf8)), message("4hello"), message("4x"),
                .binary([1, 2, 3, 4]), .binary([]), .binary([0xFF]), .noop,
            ]
        )
    }

    func testKnowsTheSizeOfAGroupBeforeWritingIt() {
        for size in 0...7 {
            let binary = [[UInt8](repeating: 1, count: size), [1]]
            let group = MessageGroup(text: Array("4text".utf8), binary: binary)
            var body = Array("6".utf8)
            PayloadWriter.append(group, to: &body)
            XCTAssertEqual(PayloadWriter.size(of: group), body.count - 1)
        }
    }

    func testNoiseNeverTrapsAndWhatIsParsedIsWrittenBackTheSame() {
        let seed = UInt64.random(in: .min ... .max)
        print("PayloadParser fuzz seed: \(seed)")
        var random = SplitMix64(seed)
        let alphabet = Array("012345644444bbprobeAQ=/+{}é".utf8) + [0x1E, 0x1E, 0x1E, 0xFF]
        for round in 0..<5_000 {
            let count = Int.random(in: 0...60, using: &random)
            let body = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let (packets, failed) = PayloadParser.parse(body, maxPackets: 20)
            var written: [UInt8] = []
            for packet in packets { PayloadWriter.append(packet, to: &written) }
            let isSame =
                failed || packets.last == .close ? body.starts(with: written) : body == written
            guard isSame, packets.count <= 20 else {
                return XCTFail("seed \(seed) round \(round): \(body)")
            }
        }
    }
}
