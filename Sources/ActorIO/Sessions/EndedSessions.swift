/// What an ending took with it.
public struct EndedSessions: Sendable, Equatable {
    /// Sessions that were alive before.
    public var sessions = 0
    /// Connections that were closed; they are closed when this is known.
    public var sockets = 0

    static func += (total: inout EndedSessions, more: EndedSessions) {
        total.sessions += more.sessions
        total.sockets += more.sockets
    }
}

/// Sessions have ended, and their backing could not be told.
///
/// They are over: their sockets are closed, and they are refused for as long as this process runs.
/// The store goes on trying to delete them; only when the process ends before it has succeeded can
/// another one find them again, until they expire.
public struct SessionEndNotStored: Error, CustomStringConvertible {
    /// What has ended.
    public let ended: EndedSessions
    /// The first error of the backing.
    public let underlying: any Error

    /// One line for a log.
    public var description: String { "the end of a session is not stored yet: \(underlying)" }
}
