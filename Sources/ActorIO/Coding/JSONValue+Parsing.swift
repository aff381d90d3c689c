extension JSONValue {
    /// Reads a JSON text strictly: nothing may stand behind the value, nesting ends at 64.
    ///
    /// Of members with the same name the last value wins; half a surrogate pair becomes U+FFFD.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads a JSON text in UTF-8 strictly; bytes that are not UTF-8 become U+FFFD.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        let index = try JSONIndex(bytes, 0..<bytes.count)
        self = index.value(of: 0, in: bytes)
    }
}

extension JSONIndex {
    /// An array or object whose values are still being read.
    private struct Level {
        let end: Int
        var name: String?
        var array: [JSONValue] = []
        var object: JSONObject.Builder?

        var value: JSONValue {
            if let object { .object(object.object) } else { .array(array) }
        }

        mutating func append(_ value: JSONValue) {
            guard object != nil else { return array.append(value) }
            object?.append(name ?? "", value)
        }
    }

    /// Builds a value, with bytes where placeholders name one of the attachments.
    func value(of root: Int, in bytes: [UInt8], attachments: [[UInt8]] = []) -> JSONValue {
        var levels: [Level] = []
        var node = root
        while true {
            if let last = levels.indices.last, levels[last].object != nil {
                levels[last].name = text(node, in: bytes)
                node += 1
            }
            let binary = attachments.isEmpty ? nil : binary(node, bytes, attachments)
            if binary == nil, nodes[node].count > 0 {
                levels.append(level(node))
                node += 1
                continue
            }
            var value = binary ?? leaf(node, bytes)
            node = Int(nodes[node].next)
            while let last = levels.indices.last {
                levels[last].append(value)
                guard levels[last].end == node else { break }
                value = levels[last].value
                levels.removeLast()
            }
            if levels.isEmpty { return value }
        }
    }

    private func level(_ node: Int) -> Level {
        var level = Level(end: Int(nodes[node].next))
        if nodes[node].kind == .object {
            level.object = JSONObject.Builder()
        } else {
            level.array.reserveCapacity(Int(nodes[node].count))
        }
        return level
    }

    private func leaf(_ node: Int, _ bytes: [UInt8]) -> JSONValue {
        switch nodes[node].kind {
        case .null: .null
        case .yes: .bool(true)
        case .no: .bool(false)
        case .integer, .fraction: number(nodes[node], bytes)
        case .string, .escapedString: .string(text(node, in: bytes))
        case .array: .array([])
        case .object: .object(JSONObject())
        }
    }

    private func number(_ node: JSONNode, _ bytes: [UInt8]) -> JSONValue {
        let span = bytes.span
        if node.kind == .integer, let value: Int = JSONNumber.integer(span, node.range) {
            // Only a double can tell -0 from 0.
            if value != 0 || node.range.count == 1 { return .int(value) }
        }
        // The scanner has refused numbers that no double holds.
        return .double(JSONNumber.double(span, node.range) ?? .infinity)
    }

    private func binary(_ node: Int, _ bytes: [UInt8], _ attachments: [[UInt8]]) -> JSONValue? {
        let reading = Placeholders.read(node, of: self, in: bytes, attachments: attachments.count)
        guard case .attachment(let number) = reading else { return nil }
        return .binary(attachments[number])
    }
}
