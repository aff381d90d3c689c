/// The name of a room, compared by its bytes.
///
/// ```swift
/// await socket.join("lobby")
/// try await io.in(.user(7)).emit("news", "hello")
/// ```
public struct Room: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation
{
    let name: ByteString

    /// The room of that name.
    public init(_ name: String) {
        self.name = ByteString(name)
    }

    /// The room of that name.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Every connection of a logged-in user, in all namespaces.
    ///
    /// Entered by the library, for a user whom the handshake chain has found.
    public static func user(_ id: some CustomStringConvertible) -> Room {
        Room("user:\(id.description)")
    }

    /// Every connection of a login session, in all namespaces.
    ///
    /// Entered by the library, for a session that the handshake chain has found.
    public static func session(_ id: SessionID) -> Room {
        Room("session:\(id.description)")
    }

    /// The room in which only this socket is.
    public static func socket(_ id: SocketID) -> Room {
        Room(id.description)
    }

    /// The name.
    public var description: String { name.text }
}
