@testable import ActorIO

/// What happened, in the order in which it did.
final class Notes: Sendable {
    private let list = Locked<[String]>([])

    func add(_ note: String) { list.withLock { $0.append(note) } }
    var all: [String] { list.withLock { $0 } }
    var count: Int { all.count }

    /// What was added since it was last taken.
    func take() -> [String] {
        list.withLock { list in
            defer { list = [] }
            return list
        }
    }
}
