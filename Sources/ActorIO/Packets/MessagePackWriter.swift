/// Turns JSON text and attachments into MessagePack, in the shortest forms.
///
/// MessagePack says the size of a container before what is in it, and the index of a text knows it:
/// one pass over the nodes, in their order, writes everything.
struct MessagePackWriter {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    /// Makes room.
    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    /// Writes the one value of a payload, with bytes where its placeholders are.
    mutating func json(_ payload: Arguments) throws {
        let limits = JSONLimits(depth: JSONScanner.deepest, elements: .max)
        let index = try JSONIndex(payload.bytes, payload.range, limits: limits)
        var node = 0
        while node < index.nodes.count {
            if let attachment = attachment(node, index, payload) {
                try binary(attachment)
                node = Int(index.nodes[node].next)
            } else {
                try item(index.nodes[node], payload.bytes)
                node += 1
            }
        }
    }

    private func attachment(
        _ node: Int,
        _ index: JSONIndex,
        _ payload: Arguments
    ) -> [UInt8]? {
        let count = payload.attachments.count
        guard count > 0 else { return nil }
        let reading = Placeholders.read(node, of: index, in: payload.bytes, attachments: count)
        guard case .attachment(let number) = reading else { return nil }
        return payload.attachments[number]
    }

    private mutating func item(_ node: JSONNode, _ json: [UInt8]) throws(PacketError) {
        switch node.kind {
        case .null: bytes.append(0xC0)
        case .no: bytes.append(0xC2)
        case .yes: bytes.append(0xC3)
        case .integer, .fraction: number(node, json)
        case .string:
            try stringHead(node.range.count)
            bytes.append(contentsOf: json[node.range])
        case .escapedString: try string(JSONText.string(json, node.range, isEscaped: true))
        case .array: try array(Int(node.count))
        case .object: try map(Int(node.count) / 2)
        }
    }

    /// Writes the head of a map, which that many names and values have to follow.
    mutating func map(_ count: Int) throws(PacketError) {
        if count < 0x10 { return bytes.append(0x80 | UInt8(truncatingIfNeeded: count)) }
        try head(count, [0xDE, 0xDF], from: 2)
    }

    private mutating func array(_ count: Int) throws(PacketError) {
        if count < 0x10 { return bytes.append(0x90 | UInt8(truncatingIfNeeded: count)) }
        try head(count, [0xDC, 0xDD], from: 2)
    }

    /// Writes a string.
    mutating func string(_ text: String) throws(PacketError) {
        try stringHead(text.utf8.count)
        bytes.append(text)
    }

    private mutating func stringHead(_ count: Int) throws(PacketError) {
        if count < 0x20 { return bytes.append(0xA0 | UInt8(truncatingIfNeeded: count)) }
        try head(count, [0xD9, 0xDA, 0xDB], from: 1)
    }

    private mutating func binary(_ value: [UInt8]) throws(PacketError) {
        try head(value.count, [0xC4, 0xC5, 0xC6], from: 1)
        bytes.append(contentsOf: value)
    }

    /// Writes a length in the first form that holds it; each form is twice as wide as the last.
    private mutating func head(
        _ count: Int,
        _ formats: [UInt8],
        from width: Int
    ) throws(PacketError) {
        var width = width
        for format in formats {
            if count >> (width * 8) == 0 {
                return append(format, UInt64(count), width)
            }
            width *= 2
        }
        throw PacketError("too long for MessagePack")
    }

    private mutating func append(_ format: UInt8, _ value: UInt64, _ width: Int) {
        bytes.append(format)
        for place in (0..<width).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(place * 8)))
        }
    }
}

// Numbers.
extension MessagePackWriter {
    /// Writes an integer.
    mutating func integer(_ value: Int64) {
        if value >= 0 { return unsigned(UInt64(value)) }
        let pattern = UInt64(bitPattern: value)
        switch value {
        case (-0x20)...: bytes.append(UInt8(truncatingIfNeeded: pattern))
        case Int64(Int8.min)...: append(0xD0, pattern, 1)
        case Int64(Int16.min)...: append(0xD1, pattern, 2)
        case Int64(Int32.min)...: append(0xD2, pattern, 4)
        default: append(0xD3, pattern, 8)
        }
    }

    private mutating func unsigned(_ value: UInt64) {
        switch value {
        case ..<0x80: bytes.append(UInt8(truncatingIfNeeded: value))
        case ..<0x100: append(0xCC, value, 1)
        case ..<0x1_0000: append(0xCD, value, 2)
        case ..<0x1_0000_0000: append(0xCE, value, 4)
        default: append(0xCF, value, 8)
        }
    }

    /// Writes a number as an integer when it is whole and fits one: JavaScript has no other kind.
    private mutating func number(_ node: JSONNode, _ json: [UInt8]) {
        if node.kind == .integer, json[node.range].first != UInt8(ascii: "-") {
            if let value: UInt64 = JSONNumber.integer(json, node.range) { return unsigned(value) }
        } else if node.kind == .integer, let value: Int64 = JSONNumber.integer(json, node.range),
            value != 0
        {
            return integer(value)
        }
        // The text was checked: there is no number in it that no double holds.
        let value = JSONNumber.double(json, node.range) ?? .infinity
        if value == 0, value.sign == .minus { return append(0xCB, value.bitPattern, 8) }
        if let whole = Int64(exactly: value) { return integer(whole) }
        if let whole = UInt64(exactly: value) { return unsigned(whole) }
        append(0xCB, value.bitPattern, 8)
    }
}
