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
    var data: JSONObject
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
