/// What an admin may do and see here, in the words of the UI.
enum AdminFeature: String, Encodable, Sendable {
    case emit = "EMIT"
    case join = "JOIN"
    case leave = "LEAVE"
    case disconnect = "DISCONNECT"
    /// The same for many sockets at once.
    case joinMany = "MJOIN"
    case leaveMany = "MLEAVE"
    case disconnectMany = "MDISCONNECT"
    /// Figures come with the statistics.
    case aggregatedEvents = "AGGREGATED_EVENTS"
    /// Sockets, rooms and events are told one by one.
    case allEvents = "ALL_EVENTS"

    static let actions: [AdminFeature] = [
        .emit, .join, .leave, .disconnect, .joinMany, .leaveMany, .disconnectMany,
    ]

    static func all(of options: AdminOptions) -> [AdminFeature] {
        let actions = options.isReadOnly ? [] : actions
        return actions + [.aggregatedEvents] + (options.mode == .development ? [.allEvents] : [])
    }
}

/// The argument of `config`.
struct AdminConfig: Encodable, Sendable {
    let supportedFeatures: [AdminFeature]
}

/// The argument of `server_stats`.
struct AdminStats: Encodable, Sendable {
    /// Something that happened `count` times in the interval that ended at `timestamp`.
    struct Figure: Encodable, Sendable, Equatable {
        /// Milliseconds since 1970, whole seconds.
        let timestamp: Int64
        let type: String
        var subType: String?
        let count: Int
    }

    struct Space: Encodable, Sendable {
        let name: String
        let socketsCount: Int
    }

    let serverId: String
    let hostname: String
    let pid: Int
    /// In seconds.
    let uptime: Double
    let clientsCount: Int
    let pollingClientsCount: Int
    let aggregatedEvents: [Figure]
    let namespaces: [Space]
}

/// A socket as the UI shows it: an argument of `socket_connected`, an element of `all_sockets`.
struct AdminSocket: Encodable, Sendable {
    let id: String
    /// The same for all sockets of one connection.
    let clientId: String
    let transport: String
    let nsp: String
    let data: JSONObject
    let handshake: AdminHandshake
    let rooms: [String]
}

/// What has changed of a socket: the argument of `socket_updated`.
struct AdminSocketUpdate: Encodable, Sendable {
    let id: String
    let nsp: String
    var transport: String?
    var data: JSONObject?
}

/// How a socket's connection began.
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
        address = handshake.address
        headers = Self.shown(handshake.headers)
        query = Self.shown(queryOf: handshake.url)
        issued = handshake.issued
        secure = handshake.isSecure
        time = HTTPDate(handshake.issued / 1_000).text
        url = handshake.url
        xdomain = handshake.hasOrigin
    }

    /// With these somebody else could be somebody else: no admin needs them.
    private static let secrets: Set = ["cookie", "authorization", "proxy-authorization"]

    private static func shown(_ headers: Headers) -> JSONObject {
        var shown = Gathered()
        for (name, value) in headers { shown.add(name.lowercased(), value) }
        return JSONObject(
            shown.list.filter { !secrets.contains($0.name) }.map { name, values in
                (name, .string(values.joined(separator: ", ")))
            }
        )
    }

    /// A name that comes twice has a list, as in Node.js.
    private static func shown(queryOf url: String) -> JSONObject {
        let bytes = Array(url.utf8)
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return JSONObject() }
        var shown = Gathered()
        for (name, value) in Pairs(bytes[(mark + 1)...]) {
            guard let name = Pairs.text(name), let value = Pairs.text(value) else { continue }
            shown.add(name, value)
        }
        return JSONObject(
            shown.list.map { name, values in
                (name, values.count == 1 ? .string(values[0]) : .array(values.map { .string($0) }))
            }
        )
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
