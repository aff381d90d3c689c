internal import Synchronization

/// Whether a handshake chain came to its end; a middleware may answer without calling the next.
final class Admission: Sendable {
    private let confirmed = Mutex(false)

    func confirm() { confirmed.withLock { $0 = true } }
    var isConfirmed: Bool { confirmed.withLock { $0 } }
}
