internal import Synchronization

/// Bounds the events that are on their way to admins, between the loops where they happen and the
/// loops where admins are: behind a loop that does not come to them they would pile up.
final class AdminFlow: Sendable {
    private let maxBytes: Int
    private let bytes = Atomic<Int>(0)

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// How many bytes are on their way.
    var underWay: Int { bytes.load(ordering: .relaxed) }

    /// An event that is on its way for as long as this is held.
    final class Passage: Sendable {
        private let flow: AdminFlow
        private let bytes: Int

        fileprivate init(_ flow: AdminFlow, _ bytes: Int) {
            self.flow = flow
            self.bytes = bytes
        }

        deinit {
            flow.bytes.subtract(bytes, ordering: .relaxed)
        }
    }

    /// Nil when an event of that size has to be dropped; one alone may be as large as it is.
    func begin(_ count: Int) -> Passage? {
        let passage = Passage(self, count)
        let before = bytes.wrappingAdd(count, ordering: .relaxed).oldValue
        return before == 0 || before + count <= maxBytes ? passage : nil
    }
}
