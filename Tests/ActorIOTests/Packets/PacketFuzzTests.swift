import Testing

@testable import ActorIO

struct PacketFuzzTests {
    private func value(_ random: inout SplitMix64, depth: Int, binary: Bool) -> JSONValue {
        let texts = [
            "", "a", "é", "e\u{301}", "\n\"\\", "\u{0}\u{1F}", "😀\u{2028}", "_placeholder ", "num",
        ]
        switch Int.random(in: 0..<(depth == 0 ? 6 : 9), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2:
            return .int(
                Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<64, using: &random)
            )
        case 3: return .double(Double(bitPattern: random.next()).isFinite ? 1.5 : -2.25)
        case 4: return .string(texts.randomElement(using: &random) ?? "")
        case 5:
            guard binary else { return .double(Double.random(in: -1e9...1e9, using: &random)) }
            return .binary([UInt8](repeating: 7, count: Int.random(in: 0..<4, using: &random)))
        case 6, 7:
            return .array(
                (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                    value(&random, depth: depth - 1, binary: binary)
                }
            )
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<20, using: &random) {
                let name =
                    (texts.randomElement(using: &random) ?? "")
                    + "\(Int.random(in: 0..<30, using: &random))"
                object[name] = value(&random, depth: depth - 1, binary: binary)
            }
            return .object(object)
        }
    }

    @Test func randomValuesComeBackAsTheyWere() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("PacketFuzzTests round trips, seed \(seed)")
        var random = SplitMix64(seed)
        for round in 0..<300 {
            let values = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                value(&random, depth: 5, binary: round.isMultiple(of: 2))
            }
            var arguments = EncodedArguments()
            for value in values { try arguments.append(value) }
            let group = PacketWriter.event("e", arguments, namespace: "/n", id: round)
            let limits = PacketParser.Limits(maxAttachments: .max)
            let message = Array(group.storage[group.text])
            let packet = try PacketParser.parse(message, from: 1, limits: limits)
            let attachments = group.binary.map { Array(group.storage[$0]) }
            #expect(packet.attachmentCount == attachments.count)
            let read = packet.arguments(with: attachments)
            #expect(read.count == values.count)
            for (index, value) in values.enumerated() {
                #expect(try read.decode(index) == value, "seed \(seed) round \(round)")
            }
            if attachments.isEmpty {
                for value in values { #expect(try JSONValue(parsing: value.description) == value) }
            }
        }
    }

    private static let seeds = [
        #"2["hello",1,{"a":[null,true,"\u00e9\ud83d\ude00"]},-1.5e-3]"#,
        #"2/admin,456["project:delete",123]"#,
        #"0/admin,{"token":"x"}"#, "1/admin,", #"3/admin,456[1,"2",{"3":[false]}]"#,
        #"4{"message":"no"}"#,
        #"52-/a,7["b",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]"#,
        #"61-7[{"_placeholder":true,"num":0}]"#, #"2["x","\\\"","\ud800",{"":{"":{}}},[[[]]]]"#,
    ].map { Array($0.utf8) }

    private static let pieces = [
        "\"", "\\", "\\u", "[", "]", "{", "}", ",", ":", "0", "9", "-", "e", ".", "/", " ", "\u{0}",
        #""_placeholder":true,"#, "true", "nul", "1e999", "\\ud800", "\u{FEFF}", "é",
    ].map { Array($0.utf8) }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 1: if place < bytes.count { bytes.remove(at: place) }
            case 2:
                if place < bytes.count {
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            case 3: bytes.removeLast(bytes.count - place)
            default:
                bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
            }
        }
    }

    /// Does with a message what a connection does; true when it was a packet.
    private func consume(_ message: [UInt8]) -> Bool {
        guard let packet = try? PacketParser.parse(message) else { return false }
        var attachments: [[UInt8]] = []
        if packet.kind.isBinary {
            var gatherer = AttachmentGatherer()
            guard (try? gatherer.begin(packet)) != nil else { return false }
            while let more = try? gatherer.add([1, 2]) { attachments = more.attachments }
        }
        let arguments = packet.arguments(with: attachments)
        for index in 0..<arguments.count + 1 {
            _ = try? arguments.decode(index, as: String.self)
            _ = try? arguments.decode(index, as: Int.self)
            _ = try? arguments.decode(index, as: Double?.self)
            _ = try? arguments.decode(index, as: [UInt8].self)
            _ = try? arguments.decode(index, as: [String: [Int?]].self)
            guard let value = try? arguments.decode(index, as: JSONValue.self) else {
                Issue.record("no value for argument \(index) of \(message)")
                continue
            }
            var again = EncodedArguments()
            try? again.append(value)
        }
        _ = PacketWriter.event(
            packet.event,
            EncodedArguments(arguments),
            namespace: packet.namespace
        )
        return true
    }

    @Test func randomBytesAndMutatedPacketsNeverTrap() {
        let seed = UInt64.random(in: .min ... .max)
        print("PacketFuzzTests mutations, seed \(seed)")
        var random = SplitMix64(seed)
        var packets = 0
        for _ in 0..<20_000 {
            var message = Self.seeds.randomElement(using: &random) ?? []
            mutate(&message, &random)
            if consume(message) { packets += 1 }
        }
        #expect(packets > 100)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<40, using: &random)
            _ = consume((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
    }
}
