extension Connection {
    /// The request being answered.
    final class Exchange {
        let ticket: UInt32
        let head: RequestHead
        var body: IncomingBody?
        var task: Task<Void, Never>?
        var file: FileSlice?
        var keepAlive: Bool
        /// Whether the handler was given the whole body, its end included.
        var isBodyRead = false
        var abandoned: (@Sendable () -> Void)?
        /// What middleware put on an answer that was still to come.
        var parkedHeaders = Headers()

        init(ticket: UInt32, head: RequestHead, body: IncomingBody? = nil, keepAlive: Bool) {
            self.ticket = ticket
            self.head = head
            self.body = body
            self.keepAlive = keepAlive
        }
    }
}
