public import ActorIO

/// What a server answered.
public struct TestResponse: Sendable {
    /// The number of the status.
    public let status: Int
    /// The header fields.
    public let headers: Headers
    /// The bytes of the body.
    public let body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a value, from JSON.
    public func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try decodeJSON(type, body)
    }
}

/// Reads one response from the bytes of a connection.
struct ResponseParser {
    private var bytes: [UInt8] = []
    let isHead: Bool

    /// The response when it is complete, and what follows it.
    mutating func add(_ more: [UInt8]) throws -> (response: TestResponse, rest: [UInt8])? {
        bytes += more
        return try parse(atEnd: false)
    }

    /// The response whose body ends with the connection.
    mutating func end() throws -> TestResponse {
        guard let parsed = try parse(atEnd: true) else { throw ConnectionLost() }
        return parsed.response
    }

    init(isHead: Bool) {
        self.isHead = isHead
    }

    private func parse(atEnd: Bool) throws -> (response: TestResponse, rest: [UInt8])? {
        guard let end = headEnd else { return nil }
        let (status, headers) = try Self.head(bytes[..<end])
        let body = bytes[(end + 4)...]
        if status == 100 { return try skipInterim(end + 4, atEnd) }
        let hasNone = isHead || status == 101 || status == 204 || status == 304
        let length = hasNone ? 0 : headers["content-length"].flatMap { Int($0) }
        if let length {
            guard body.count >= length else { return nil }
            let response = TestResponse(
                status: status,
                headers: headers,
                body: Array(body.prefix(length))
            )
            return (response, Array(body.dropFirst(length)))
        }
        guard atEnd else { return nil }
        return (TestResponse(status: status, headers: headers, body: Array(body)), [])
    }

    /// By bytes: a simulation reads many.
    private static func head(_ bytes: ArraySlice<UInt8>) throws -> (status: Int, Headers) {
        var lines = bytes.split(separator: 10)[...]
        let parts = (lines.popFirst() ?? []).split(separator: 32, maxSplits: 2)
        guard parts.count >= 2, parts[0].elementsEqual("HTTP/1.1".utf8),
            let status = Int(text(parts[1]))
        else { throw BadResponse() }
        var headers = Headers()
        for line in lines {
            let line = line.last == 13 ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw BadResponse() }
            headers.add(text(line[..<colon]), text(line[(colon + 1)...].drop { $0 == 32 }))
        }
        return (status, headers)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.last == 13 ? bytes.dropLast() : bytes, as: UTF8.self)
    }

    private func skipInterim(
        _ end: Int,
        _ atEnd: Bool
    ) throws -> (response: TestResponse, rest: [UInt8])? {
        var rest = ResponseParser(isHead: isHead)
        rest.bytes = Array(bytes[end...])
        return try rest.parse(atEnd: atEnd)
    }

    private var headEnd: Int? {
        var from = 0
        while let index = bytes[from...].firstIndex(of: 13) {
            if bytes[index...].starts(with: [13, 10, 13, 10]) { return index }
            from = index + 1
        }
        return nil
    }
}

/// What came was no HTTP response.
public struct BadResponse: Error, Sendable {
    package init() {}
}
