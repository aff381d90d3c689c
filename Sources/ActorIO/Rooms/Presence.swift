/// How much of a user, or of a login session, is connected at one moment.
///
/// ```swift
/// let john = await io.presence(of: .user(7))
/// print(john.isOnline, john.devices)
/// ```
/// Counted from the connections that live, and from nothing else. A connection counts as soon as
/// one namespace has accepted a socket of it, and until the last one is gone or its login has
/// ended; a handshake alone makes nobody online.
public struct Presence: Sendable, Hashable {
    /// Whose presence it is: a room that `Room.user(_:)` or `Room.session(_:)` names.
    public let room: Room
    /// Sockets, over all namespaces: what an event to the room reaches, namespace by namespace.
    public let sockets: Int
    /// Connections with at least one such socket: tabs, in a browser.
    public let connections: Int
    /// Login sessions with at least one such connection.
    ///
    /// A connection that came without a session, such as by a token, is a device of its own.
    public let devices: Int

    /// Whether there is any socket, right now: no grace is given here.
    public var isOnline: Bool { sockets > 0 }
    /// The id in `Room.user(_:)`; nil for any other room.
    public var userID: String? { room.userID }
}

/// A user has come online or gone offline.
///
/// For one reader and one user the two alternate, and the first is always the coming.
public struct PresenceChange: Sendable, Hashable {
    /// The user, as `Room.user(_:)` names it.
    public let room: Room
    /// What the user is now.
    public let isOnline: Bool

    /// The id in `Room.user(_:)`, as text.
    public var userID: String { room.userID ?? "" }
}

extension Room {
    private static let userPrefix = "user:"
    private static let sessionPrefix = "session:"

    /// The id of the user whose connections are in it; nil when it is no room of a user.
    var userID: String? {
        guard isUsers else { return nil }
        return String(decoding: name.text.utf8.dropFirst(Self.userPrefix.utf8.count), as: UTF8.self)
    }

    var isUsers: Bool { name.text.utf8.starts(with: Self.userPrefix.utf8) }
    var isSessions: Bool { name.text.utf8.starts(with: Self.sessionPrefix.utf8) }
}
