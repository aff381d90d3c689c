/// What one packet may cost.
///
/// Custom parsers are given them to refuse early; whatever they read is checked against them again.
public struct PacketLimits: Sendable, Hashable {
    /// Binary values in one packet; socket.io-parser 4.2.6 has the same limit on its side.
    public var maxAttachments: Int
    /// How deep arrays and objects may be nested, up to 128; the array of an event counts.
    public var maxDepth: Int
    /// How many values, member names included, a packet may have.
    public var maxElements: Int
    /// The greatest length of the name of a namespace in bytes.
    public var maxNamespace: Int

    /// Makes the defaults, but for what is said otherwise.
    public init(
        maxAttachments: Int = 10,
        maxDepth: Int = 64,
        maxElements: Int = 100_000,
        maxNamespace: Int = 256
    ) {
        self.maxAttachments = maxAttachments
        self.maxDepth = maxDepth
        self.maxElements = maxElements
        self.maxNamespace = maxNamespace
    }
}
