extension Request {
    /// The body decoded from JSON; 415 for another type, 400 when it does not fit.
    ///
    /// ```swift
    /// let order = try await request.json(as: Order.self)
    /// ```
    public func json<Value: Decodable>(
        as type: Value.Type = Value.self,
        upTo limit: Int? = nil
    ) async throws -> Value {
        try requireContent { $0 == MediaType.json || $0.hasSuffix("+json") }
        let bytes = try await body.collect(upTo: limit)
        do {
            return try PayloadDecoder.decode(type, from: bytes)
        } catch {
            throw HTTPError(.badRequest, "malformed JSON")
        }
    }
}

extension Response {
    /// A value encoded as JSON; throws for one with bytes in it, which JSON can not carry.
    public static func json(
        _ value: some Encodable,
        status: Status = .ok
    ) throws -> Response {
        var json: [UInt8] = []
        var attachments: [[UInt8]] = []
        try PayloadEncoder.encode(value, to: &json, attachments: &attachments)
        guard attachments.isEmpty else {
            // A placeholder without its attachment would be a riddle to the client.
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: [], debugDescription: "JSON carries no bytes")
            )
        }
        return .bytes(json, type: MediaType.json, status: status)
    }
}
