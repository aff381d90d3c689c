import XCTest

@testable import ActorIO

/// Feeds bytes to a `MessageParser` in pieces, and builds the frames of a client.
enum FrameFeed {
    /// What came out: messages, and the error that ended them.
    struct Outcome: Equatable {
        var messages: [WebSocketMessage] = []
        var error: WebSocketError?
    }

    static let key: UInt32 = 0x3D21_FA37

    /// Every chunk is one read; within a read `parse` is called until it returns nil.
    static func feed(_ chunks: [[UInt8]], to parser: inout MessageParser) -> Outcome {
        var outcome = Outcome()
        for chunk in chunks {
            var offset = 0
            do {
                while let message = try parser.parse(chunk.span, at: &offset) {
                    outcome.messages.append(message)
                }
            } catch {
                outcome.error = outcome.error ?? error
                continue
            }
            XCTAssertEqual(offset, chunk.count, "nil means that all input is consumed")
        }
        return outcome
    }

    /// Feeds the bytes in one write, byte by byte and split at every position.
    ///
    /// Checks that the way they came made no difference. Long inputs are split near both ends
    /// and here and there between.
    static func everyWay(
        _ bytes: [UInt8],
        _ parser: MessageParser = MessageParser(role: .server, maxPayload: 1_000_000),
        line: UInt = #line
    ) -> Outcome {
        var whole = parser
        let expected = feed([bytes], to: &whole)
        var slow = parser
        XCTAssertEqual(feed(bytes.map { [$0] }, to: &slow), expected, "byte by byte", line: line)
        for position in bytes.indices
        where position < 40 || bytes.count - position < 40
            || bytes.count <= 500 || position % 9_973 == 0
        {
            var split = parser
            let chunks = [Array(bytes[..<position]), Array(bytes[position...])]
            let outcome = feed(chunks, to: &split)
            XCTAssertEqual(outcome, expected, "split at \(position)", line: line)
        }
        return expected
    }

    static func expect(
        _ bytes: [UInt8],
        _ code: CloseCode,
        after messages: [WebSocketMessage] = [],
        _ parser: MessageParser = MessageParser(role: .server, maxPayload: 1_000_000),
        line: UInt = #line
    ) {
        let outcome = everyWay(bytes, parser, line: line)
        XCTAssertEqual(outcome.error?.code, code, line: line)
        XCTAssertEqual(outcome.messages, messages, line: line)
    }

    /// A masked frame as a client sends it.
    static func masked(
        _ opcode: Opcode,
        _ payload: [UInt8] = [],
        isFinal: Bool = true,
        key: UInt32 = key
    ) -> [UInt8] {
        var out: [UInt8] = []
        FrameWriter.append(opcode, payload[...], to: &out, mask: key, isFinal: isFinal)
        return out
    }

    static func masked(_ opcode: Opcode, _ text: String, isFinal: Bool = true) -> [UInt8] {
        masked(opcode, Array(text.utf8), isFinal: isFinal)
    }
}

extension SplitMix64 {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}
