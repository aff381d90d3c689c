import XCTest

@testable import ActorIO

final class MaskTests: XCTestCase {
    private static let keys: [UInt32] = [0, .max, 0x3D21_FA37, 0x0000_0001, 0x8000_0000]

    private func oneByOne(_ input: [UInt8], key: UInt32, phase: Int) -> [UInt8] {
        input.enumerated().map { index, byte in
            byte ^ UInt8(truncatingIfNeeded: key >> UInt32(8 * ((index + phase) % 4)))
        }
    }

    func testUnmasksTheHelloOfTheRFC() {
        let wire: [UInt8] = [0x7F, 0x9F, 0x4D, 0x51, 0x58]
        XCTAssertEqual(Mask.unmask(wire.span, key: 0x3D21_FA37), Array("Hello".utf8))
    }

    func testAgreesWithMaskingByteByByteForEveryLengthPhaseKeyAndAlignment() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed)
        let source = random.bytes(64)
        for key in Self.keys + [UInt32.random(in: .min ... .max, using: &random)] {
            for phase in 0..<4 {
                for start in 0..<9 {
                    for length in 0...40 {
                        let input = source[start..<start + length]
                        let expected = oneByOne(Array(input), key: key, phase: phase)
                        let actual = Mask.unmask(input.span, key: key, phase: phase)
                        guard actual == expected else {
                            return XCTFail("seed \(seed) \(key) \(phase) \(start) \(length)")
                        }
                    }
                }
            }
        }
    }

    func testMaskingInPiecesIsMaskingTheWhole() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed)
        for _ in 0..<200 {
            let input = random.bytes(Int.random(in: 0...100, using: &random))
            let key = UInt32.random(in: .min ... .max, using: &random)
            var out: [UInt8] = []
            while out.count < input.count {
                let end = Int.random(in: out.count + 1...input.count, using: &random)
                let piece = input[out.count..<end]
                Mask.append(piece.span, key: key, phase: out.count, to: &out)
            }
            XCTAssertEqual(out, Mask.unmask(input.span, key: key), "seed \(seed)")
            XCTAssertEqual(Mask.unmask(out.span, key: key), input, "seed \(seed)")
        }
    }

    func testSaysWhetherTheResultIsASCIIWhereverTheOtherByteStands() {
        for length in 0..<40 {
            var out: [UInt8] = []
            let plain = [UInt8](repeating: 0x41, count: length)
            let wire = Mask.unmask(plain.span, key: .max)
            XCTAssertTrue(Mask.append(wire.span, key: .max, to: &out))
            for position in 0..<length {
                var text = plain
                text[position] = 0x80
                let masked = Mask.unmask(text.span, key: .max)
                XCTAssertFalse(Mask.append(masked.span, key: .max, to: &out))
            }
        }
    }
}
