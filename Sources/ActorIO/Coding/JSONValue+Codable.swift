extension JSONValue: Codable {
    /// Reads whatever JSON stands there.
    public init(from decoder: any Decoder) throws {
        // ActorIO's own decoder never comes here; others are asked what they have.
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let value = try? single.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? single.decode(Int.self) {
            self = .int(value)
        } else if let value = try? single.decode(Double.self) {
            self = .double(value)
        } else if let value = try? single.decode(String.self) {
            self = .string(value)
        } else if let value = try? single.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try JSONObject(from: decoder))
        }
    }

    /// Writes the value as JSON; bytes as `[UInt8]`, which ActorIO makes an attachment.
    public func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .null: try single.encodeNil()
        case .bool(let value): try single.encode(value)
        case .int(let value): try single.encode(value)
        case .double(let value): try single.encode(value)
        case .string(let value): try single.encode(value)
        case .array(let value): try single.encode(value)
        case .object(let value): try value.encode(to: encoder)
        case .binary(let value): try single.encode(value)
        }
    }

    /// What a value is as JSON, its bytes as ``binary(_:)``.
    init(encoding value: some Encodable) throws {
        var json = EncodedArguments()
        try json.append(value)
        self = try Arguments(json).decode(0)
    }

    /// The same data as a type of yours.
    public func decode<T: Decodable>(as type: T.Type = T.self) throws -> T {
        var json = EncodedArguments()
        try json.append(self)
        return try Arguments(json).decode(0, as: type)
    }
}

extension JSONObject: Codable {
    /// Reads an object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PayloadKey.self)
        var builder = Builder()
        for key in container.allKeys {
            builder.append(key.stringValue, try container.decode(JSONValue.self, forKey: key))
        }
        self = builder.object
    }

    /// Writes the members in order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: PayloadKey.self)
        for (name, value) in self { try container.encode(value, forKey: .name(name)) }
    }
}
