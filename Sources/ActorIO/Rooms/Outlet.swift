/// DOOR: something on a loop that takes what is sent to rooms; a socket, seen from here.
protocol Outlet: AnyObject, Sendable {
    var loop: EventLoop { get }
    var id: SocketID { get }
    /// The connection it belongs to, when that is in a `user:` or `session:` room.
    var member: HandshakeMember? { get }
    var request: Request { get }
    var territory: Territory { get }
    /// Its part in recovery; nil when that is off.
    var recovery: SocketRecovery? { get }
    /// As whom it is here by now; nil when that is how it came.
    var login: SavedLogin? { get }
    /// Called on the loop.
    func deliver(_ event: EncodedEvent, volatile: Bool)
    /// Called on the loop: an event of its own is back with its number, or is sent from elsewhere.
    func arrived(_ event: EncodedEvent?)
    /// Called on the loop: sends an event and waits for the answer.
    func ask(_ question: Question)
    /// Leaves its namespace, and with `close` its connection too.
    func disconnect(close: Bool) async
}

extension Outlet {
    var login: SavedLogin? { nil }
}
