extension Arguments {
    /// The payload of a CONNECT; for one that had none an optional is nil, anything else `{}`.
    func auth<Value: Decodable>(as type: Value.Type) throws -> Value {
        if isEmpty, !(type is any OptionalType.Type) {
            return try Arguments(bytes: Array("{}".utf8), range: 0..<2).decode(0, as: type)
        }
        return try decode(0, as: type)
    }
}

private protocol OptionalType {}
extension Optional: OptionalType {}
