/// DOOR: the other nodes of a cluster, seen from one of them; a server without one is alone.
protocol Adapter: Sendable {
    /// Sends an event to all other nodes; returns when it is on its way.
    func send(_ event: NodeEvent) async throws
    /// Asks all other nodes; returns when each has answered, or the time is over.
    func ask(_ event: NodeEvent, timeout: Duration) async throws -> NodeAnswers
}

/// An event from one node to the servers of the others, not to their clients.
struct NodeEvent: Sendable {
    let namespace: ByteString
    let name: String
    let arguments: Arguments
}

/// What other nodes answered.
struct NodeAnswers: Sendable {
    /// One for each node that answered, in the order in which they came.
    var answers: [Arguments] = []
    /// How many nodes were asked.
    var asked = 0
}
