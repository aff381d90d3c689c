/// How a socket's connection began, without what is nobody else's business: whoever saw a cookie or
/// a token could be somebody else with it.
struct AdminHandshake: Encodable, Sendable {
    let address: String
    let headers: JSONObject
    let query: JSONObject
    let issued: Int64
    let secure: Bool
    let time: String
    let url: String
    let xdomain: Bool

    init(_ handshake: Handshake) {
        let parts = Self.query(of: handshake.url)
        address = handshake.address
        headers = Self.shown(handshake.headers)
        query = Self.shown(parts)
        issued = handshake.issued
        secure = handshake.isSecure
        time = HTTPDate(handshake.issued / 1_000).text
        url = Self.cut(handshake.request.path) + Self.text(of: parts)
        xdomain = handshake.hasOrigin
    }

    // Limits: a client may not fill the list of all sockets.

    private static let maxTextBytes = 512
    private static let maxParameters = 32
    private static let maxNameBytes = 64

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maxTextBytes else { return text }
        return String(decoding: text.utf8.prefix(maxTextBytes), as: UTF8.self) + "…"
    }

    // Header fields

    /// Fields that carry no secret; whatever else a client sends may be one.
    private static let shownFields: Set<ByteString> = [
        "accept", "accept-encoding", "accept-language", "cache-control", "connection",
        "content-length", "content-type", "dnt", "host", "origin", "pragma", "referer",
        "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-fetch-dest",
        "sec-fetch-mode", "sec-fetch-site", "sec-websocket-extensions",
        "sec-websocket-version", "upgrade", "user-agent", "x-forwarded-for",
        "x-forwarded-host", "x-forwarded-proto",
    ]

    private static func shown(_ headers: Headers) -> JSONObject {
        var shown = Gathered()
        for (name, value) in headers {
            let name = name.lowercased()
            guard shownFields.contains(ByteString(name)) else { continue }
            shown.add(name, name == "referer" ? withoutQuery(value) : value)
        }
        return JSONObject(
            shown.list.map { name, values in (name, .string(cut(values.joined(separator: ", ")))) }
        )
    }

    private static func withoutQuery(_ url: String) -> String {
        let end = url.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        return String(url[..<(end ?? url.endIndex)])
    }

    // The query

    /// Parameters of Engine.IO itself; the values of all others are covered.
    private static let shownParameters: Set<ByteString> = ["EIO", "transport", "t", "b64"]
    private static let cover = "***"

    /// The parameters as they may be seen, in their order.
    private static func query(of url: String) -> [(name: String, value: String)] {
        let bytes = Array(url.utf8)
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return [] }
        return Pairs(bytes[(mark + 1)...]).prefix(maxParameters).map { name, value in
            let isLong = max(name.count, value.count) > maxNameBytes
            let texts = isLong ? nil : (Pairs.text(name), Pairs.text(value))
            if case (let name?, let value?)? = texts, shownParameters.contains(ByteString(name)) {
                return (name, value)
            }
            // A name that stands alone may be the secret itself.
            guard !value.isEmpty, name.count <= maxNameBytes, let name = Pairs.text(name) else {
                return (cover, cover)
            }
            return (name, cover)
        }
    }

    /// A name that comes twice has a list, as in Node.js.
    private static func shown(_ query: [(name: String, value: String)]) -> JSONObject {
        var shown = Gathered()
        for (name, value) in query { shown.add(name, value) }
        return JSONObject(
            shown.list.map { name, values in
                (name, values.count == 1 ? .string(values[0]) : .array(values.map { .string($0) }))
            }
        )
    }

    private static func text(of query: [(name: String, value: String)]) -> String {
        guard !query.isEmpty else { return "" }
        return "?" + query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Values by their names, in the order in which the names came.
    private struct Gathered {
        private(set) var list: [(name: String, values: [String])] = []
        private var places: [ByteString: Int] = [:]

        mutating func add(_ name: String, _ value: String) {
            if let place = places[ByteString(name)] { return list[place].values.append(value) }
            places[ByteString(name)] = list.count
            list.append((name, [value]))
        }
    }
}
