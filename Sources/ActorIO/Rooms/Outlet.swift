/// DOOR: something on a loop that takes what is sent to rooms; a socket, seen from here.
protocol Outlet: AnyObject, Sendable {
    var loop: EventLoop { get }
    var id: SocketID { get }
    /// The connection it belongs to, when that is in a `user:` or `session:` room.
    var member: HandshakeMember? { get }
    var request: Request { get }
    /// Called on the loop.
    func deliver(_ group: MessageGroup, volatile: Bool)
    /// Leaves its namespace, and with `close` its connection too.
    func disconnect(close: Bool) async
}
