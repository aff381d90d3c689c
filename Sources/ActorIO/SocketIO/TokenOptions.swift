/// Tokens by which clients say who they are when they join a namespace, and how these end.
///
/// ```swift
/// var options = SocketIO.Options()
/// options.tokens.warning = .seconds(120)
/// let io = SocketIO(connect: [passport.token, .require(User.self)], options: options) { root in
///     root.acceptsReauthentication()
/// }
/// ```
/// The longest token is bounded by ``SocketIO/Options/maxAuth``.
public struct TokenOptions: Sendable {
    /// The member of a client's `auth` that holds its token, a text.
    public var member = "token"
    /// How long before its token expires a client is warned; zero for never.
    ///
    /// A token that is good for less is warned about at once.
    public var warning: Duration = .seconds(60)
    /// The event that warns, whose argument is the number of seconds left.
    public var warningEvent = "auth:expiring"
    /// Whether a client whose token has expired connects again by itself.
    ///
    /// Otherwise it gets a DISCONNECT, and stays away until its program connects it. Say yes where
    /// `auth` is a function that fetches a fresh token: its connection is closed without a word
    /// then, and with ``SocketIO/Options/recovery`` it finds its socket again.
    public var mayReconnect = false

    /// Makes the defaults.
    public init() {}
}
