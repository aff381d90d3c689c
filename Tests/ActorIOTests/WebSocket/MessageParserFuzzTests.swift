import XCTest

@testable import ActorIO

/// Seeded noise: whatever comes, the parser answers; and how it was split makes no difference.
final class MessageParserFuzzTests: XCTestCase {
    func testNoiseNeverTrapsAndSplitsMakeNoDifference() {
        let seed = UInt64.random(in: .min ... .max)
        print("MessageParser fuzz seed: \(seed)")
        var random = SplitMix64(seed)
        for round in 0..<3_000 {
            let bytes = input(&random)
            let maxPayload = [0, 10, 300, 100_000].randomElement(using: &random) ?? 10
            let role = Bool.random(using: &random) ? MessageParser.Role.server : .client
            let parser = MessageParser(role: role, maxPayload: maxPayload, maxFragments: 8)
            var whole = parser
            let expected = FrameFeed.feed([bytes], to: &whole)
            var split = parser
            let actual = FrameFeed.feed(pieces(of: bytes, &random), to: &split)
            guard actual == expected, whole.heldBytes < 2 * maxPayload + 1_024 else {
                return XCTFail("seed \(seed) round \(round): \(actual) is not \(expected)")
            }
        }
    }

    /// Mostly frames that could be right, then damaged here and there.
    private func input(_ random: inout SplitMix64) -> [UInt8] {
        guard Int.random(in: 0..<10, using: &random) > 0 else { return random.bytes(200) }
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let opcodes: [Opcode] = [.text, .binary, .continuation, .ping, .pong, .close]
            let opcode = opcodes.randomElement(using: &random) ?? .text
            let sizes = [0, 1, 2, 5, 124, 125, 126, 127, 300]
            let size = sizes.randomElement(using: &random) ?? 0
            let isPlain = Bool.random(using: &random)
            let payload = isPlain ? [UInt8](repeating: 0x61, count: size) : random.bytes(size)
            let key = UInt32.random(in: .min ... .max, using: &random)
            FrameWriter.append(
                opcode,
                payload[...],
                to: &bytes,
                mask: Int.random(in: 0..<5, using: &random) > 0 ? key : nil,
                isFinal: Int.random(in: 0..<3, using: &random) > 0
            )
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        return bytes
    }

    private func pieces(of bytes: [UInt8], _ random: inout SplitMix64) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...40, using: &random))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}
