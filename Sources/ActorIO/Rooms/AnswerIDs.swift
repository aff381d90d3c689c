internal import Synchronization

/// Counts the ids under which events are answered.
///
/// socket.io counts them by namespace, so that one id serves all receivers of a broadcast.
/// Namespaces that are made for clients share one count: a name may come back while somebody still
/// waits for answers under the ids of before.
final class AnswerIDs: Sendable {
    private let next = Atomic<Int>(0)

    func make() -> Int {
        next.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
