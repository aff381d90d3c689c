extension Socket {
    /// The connection below, which carries every namespace of this client.
    public var connection: EngineConnection { session.onLoop { EngineConnection($0) } }
}
