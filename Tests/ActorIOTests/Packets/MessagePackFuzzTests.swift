import Testing

@testable import ActorIO

struct MessagePackFuzzTests {
    /// Random MessagePack whose containers and lengths are mostly right, written without any of
    /// the library's own code.
    private struct Generator {
        var random: SplitMix64
        var bytes: [UInt8] = []

        mutating func pick(_ range: Range<Int>) -> Int { .random(in: range, using: &random) }

        mutating func raw(_ count: Int) {
            for _ in 0..<count { bytes.append(UInt8.random(in: .min ... .max, using: &random)) }
        }

        mutating func string() {
            let texts = ["", "a", "é", "\n\"\\", "\u{0}", "😀", "_placeholder", "num", "data"]
            let text = texts[pick(0..<texts.count)]
            bytes.append(0xA0 | UInt8(text.utf8.count))
            bytes += Array(text.utf8)
        }

        mutating func value(_ depth: Int) {
            switch pick(0..<(depth > 0 ? 12 : 9)) {
            case 0: bytes.append(UInt8(pick(0..<0x80)))
            case 1: bytes.append(UInt8(pick(0xE0..<0x100)))
            case 2: bytes.append([0xC0, 0xC2, 0xC3][pick(0..<3)])
            case 3:
                let width = pick(0..<4)
                bytes.append(UInt8(0xCC + width + pick(0..<2) * 4))
                raw(1 << width)
            case 4:
                let width = pick(0..<2)
                bytes.append(UInt8(0xCA + width))
                raw(4 << width)
            case 5: string()
            case 6:
                let count = pick(0..<5)
                bytes += [0xC4, UInt8(count)]
                raw(count)
            case 7:
                bytes += [0xD6, 0xFF]
                raw(4)
            case 8: bytes += [0xD4, 0, 0]
            case 9, 10:
                let count = pick(0..<6)
                bytes += pick(0..<2) == 0 ? [0x90 | UInt8(count)] : [0xDC, 0, UInt8(count)]
                for _ in 0..<count { value(depth - 1) }
            default:
                let count = pick(0..<6)
                bytes += pick(0..<2) == 0 ? [0x80 | UInt8(count)] : [0xDE, 0, UInt8(count)]
                for _ in 0..<count {
                    string()
                    value(depth - 1)
                }
            }
        }
    }

    private static let limits = PacketLimits(maxAttachments: .max)

    private func decoded(_ bytes: [UInt8]) throws -> (
        json: String, value: JSONValue, written: [UInt8]
    ) {
        var reader = MessagePackReader(bytes, Self.limits)
        let place = try reader.value()
        let json = String(decoding: reader.json[place], as: UTF8.self)
        let arguments = Arguments(
            bytes: reader.json,
            range: place,
            attachments: reader.attachments
        )
        guard !place.isEmpty else { return (json, .null, []) }
        var writer = MessagePackWriter()
        try writer.json(arguments)
        return (json, try arguments.decode(0), writer.bytes)
    }

    @Test func whatWasReadIsWrittenAndReadAgainTheSame() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("MessagePackFuzzTests round trips, seed \(seed)")
        var random = SplitMix64(seed)
        for round in 0..<2_000 {
            var generator = Generator(random: SplitMix64(random.next()))
            generator.value(5)
            var reader = MessagePackReader(generator.bytes, Self.limits)
            let place = try reader.value()
            guard !place.isEmpty else { continue }
            let payload = Arguments(
                bytes: reader.json,
                range: place,
                attachments: reader.attachments
            )
            guard Placeholders.areLegal(reader.json, place, attachments: reader.attachments.count)
            else { continue }
            try JSONScanner.validate(reader.json, place)
            var writer = MessagePackWriter()
            try writer.json(payload)
            let again = try decoded(writer.bytes)
            let first = try decoded(generator.bytes)
            #expect(again.value == first.value, "seed \(seed), round \(round)")
            // Doubles that are whole have become integers; from then on nothing changes any more.
            #expect(try decoded(again.written).json == again.json, "seed \(seed), round \(round)")
        }
    }

    @Test func noBytesAtAllDoMoreThanBeRefused() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("MessagePackFuzzTests mutations, seed \(seed)")
        var random = SplitMix64(seed)
        var accepted = 0
        for _ in 0..<20_000 {
            var generator = Generator(random: SplitMix64(random.next()))
            generator.bytes = packed("84 'type' 02 'nsp' '/' 'id' 07 'data' 92 'note'")
            generator.value(4)
            var bytes = generator.bytes
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
                }
                if bytes.isEmpty { bytes = [0xC0] }
            }
            if accepts(bytes) { accepted += 1 }
        }
        #expect(accepted > 2_000, "hardly anything was let through: the fuzzer tests nothing")
        #expect(accepted < 20_000)
    }

    /// Whether the bytes are a packet; what is accepted is used in full.
    private func accepts(_ bytes: [UInt8]) -> Bool {
        let reader = CheckedReader(MessagePackParser(), limits: PacketLimits(), maxBytes: .max)
        guard let (packet, attachments) = try? reader.read(.binary(bytes)) else { return false }
        let arguments = packet.arguments(with: attachments)
        for index in 0..<arguments.count {
            _ = try? arguments.decode(index, as: JSONValue.self)
            _ = try? arguments.decode(index, as: String.self)
        }
        _ = try? PacketFormat(MessagePackParser()).event(
            "again",
            EncodedArguments(arguments),
            namespace: packet.namespace
        )
        return true
    }
}
