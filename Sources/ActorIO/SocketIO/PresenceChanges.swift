/// The users who come online and go offline, as a sequence that ends when the server shuts down.
///
/// ```swift
/// for await change in io.presenceChanges {
///     print(change.userID, change.isOnline ? "is here" : "has left")
/// }
/// ```
/// Each loop is a reader of its own. It is first told of everybody who is online when it begins,
/// and then of every change: none is missed in between, and what is told of one user alternates.
/// A reader that begins before the server runs waits for it.
///
/// A user goes offline when the options' `presenceGrace` has passed since the last connection was
/// lost, or at once when the login has ended. A reader that falls behind by more than
/// `presenceBuffer` changes is told what each user is by then instead of what the user was
/// meanwhile; what is kept for it is then one note for each user of whom it has something to learn.
public struct PresenceChanges: AsyncSequence, Sendable {
    let registry: RoomRegistry

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(registry) }

    /// One reader.
    public struct Iterator: AsyncIteratorProtocol {
        private let reading: Reading

        init(_ registry: RoomRegistry) {
            reading = Reading(registry)
        }

        /// The next change; nil when the server has shut down or the task is cancelled.
        public mutating func next() async -> PresenceChange? {
            await next(isolation: #isolation)
        }

        /// The next change; nil when the server has shut down or the task is cancelled.
        public mutating func next(isolation: isolated (any Actor)?) async -> PresenceChange? {
            await reading.reader.next(isolation: isolation)
        }
    }

    /// Ends with the iterator that has it.
    private final class Reading: Sendable {
        let reader = PresenceReader()
        private let registry: RoomRegistry

        init(_ registry: RoomRegistry) {
            self.registry = registry
            registry.add(reader)
        }

        deinit {
            reader.cancel()
            registry.remove(reader)
        }
    }
}
