/// Whom an address counts for: itself, or with IPv6 the network of its first 64 bits, since whoever
/// has one address of it has all.
enum ClientNetwork {
    /// The bytes of the network; of what is no IP address those of its text.
    static func bytes(of address: String) -> [UInt8] {
        let text = Array(address.utf8)
        let scoped = text.firstIndex(of: UInt8(ascii: "%")).map { text[..<$0] } ?? text[...]
        guard scoped.contains(UInt8(ascii: ":")) else { return ipv4(scoped) ?? text }
        guard let bytes = ipv6(scoped) else { return text }
        // An IPv4 client of a socket for both families: `::ffff:192.0.2.1`.
        let isMapped =
            bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
    }

    private static func ipv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { Grammar.decimal($0).flatMap { UInt8(exactly: $0) } }
        return bytes.count == 4 ? bytes : nil
    }

    private static func ipv6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var index = text.startIndex
        while index + 1 < text.endIndex {
            if text[index] == colon, text[index + 1] == colon {
                guard let head = groups(text[..<index]), let tail = groups(text[(index + 2)...])
                else { return nil }
                let missing = 16 - head.count - tail.count
                return missing < 0 ? nil : head + Array(repeating: 0, count: missing) + tail
            }
            index += 1
        }
        let all = groups(text)
        return all?.count == 16 ? all : nil
    }

    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for part in text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            if part.contains(UInt8(ascii: ".")) {
                guard let four = ipv4(part) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(part.count), let value = hex(part) else { return nil }
                bytes += [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }

    private static func hex(_ digits: ArraySlice<UInt8>) -> UInt16? {
        var value: UInt16 = 0
        for digit in digits {
            let low = Grammar.lowercased(digit)
            if Grammar.isDigit(digit) {
                value = value << 4 | UInt16(digit - 0x30)
            } else if (0x61...0x66).contains(low) {
                value = value << 4 | UInt16(low - 0x57)
            } else {
                return nil
            }
        }
        return value
    }
}
