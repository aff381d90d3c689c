internal import Synchronization

/// Counts what happens on all connections, for the statistics of admins.
///
/// How many clients there are is always known; packets and bytes are counted while an admin looks.
final class AdminMeter: Sendable {
    private let isCounting = Atomic<Bool>(false)
    private let clients = Atomic<Int>(0)
    private let pollingClients = Atomic<Int>(0)
    private let opened = Atomic<Int>(0)
    private let closed = Locked<[String: Int]>([:])
    private let packetsIn = Atomic<Int>(0)
    private let packetsOut = Atomic<Int>(0)
    private let bytesIn = Atomic<Int>(0)
    private let bytesOut = Atomic<Int>(0)

    var clientCount: Int { clients.load(ordering: .relaxed) }
    var pollingClientCount: Int { pollingClients.load(ordering: .relaxed) }

    /// Begins or ends to count what flows; what was counted and not taken is forgotten.
    func count(_ isWanted: Bool) {
        guard isCounting.exchange(isWanted, ordering: .relaxed) != isWanted else { return }
        _ = take(at: 0)
    }

    func note(_ event: EngineEvent, on transport: EngineTransport) {
        switch event {
        case .opened:
            clients.add(1, ordering: .relaxed)
            if transport == .polling { pollingClients.add(1, ordering: .relaxed) }
            if isWatching { opened.add(1, ordering: .relaxed) }
        case .upgraded: pollingClients.subtract(1, ordering: .relaxed)
        case .closed(let reason, _):
            clients.subtract(1, ordering: .relaxed)
            if transport == .polling { pollingClients.subtract(1, ordering: .relaxed) }
            if isWatching { closed.withLock { $0[reason, default: 0] += 1 } }
        case .received(let kind, let bytes) where isWatching:
            guard let bytes = Self.payload(kind, bytes) else { return }
            packetsIn.add(1, ordering: .relaxed)
            bytesIn.add(bytes, ordering: .relaxed)
        case .sent(let kind, let bytes) where isWatching:
            guard let bytes = Self.payload(kind, bytes) else { return }
            packetsOut.add(1, ordering: .relaxed)
            bytesOut.add(bytes, ordering: .relaxed)
        default: break
        }
    }

    private var isWatching: Bool { isCounting.load(ordering: .relaxed) }

    /// What a packet carries; nil for those that only keep the connection going.
    private static func payload(_ kind: EngineEvent.PacketKind, _ bytes: Int) -> Int? {
        switch kind {
        case .message: bytes - 1
        case .binary: bytes
        default: nil
        }
    }

    /// What was counted since the last time.
    func take(at milliseconds: Int64) -> [AdminStats.Figure] {
        let second = milliseconds - milliseconds % 1_000
        var figures: [AdminStats.Figure] = []
        func add(_ type: String, _ count: Int, because subType: String? = nil) {
            guard count > 0 else { return }
            figures.append(.init(timestamp: second, type: type, subType: subType, count: count))
        }
        add("rawConnection", opened.exchange(0, ordering: .relaxed))
        let ended = closed.withLock { exchange(&$0, with: [:]) }
        for (reason, count) in ended.sorted(by: { $0.key < $1.key }) {
            add("rawDisconnection", count, because: reason)
        }
        add("packetsIn", packetsIn.exchange(0, ordering: .relaxed))
        add("bytesIn", bytesIn.exchange(0, ordering: .relaxed))
        add("packetsOut", packetsOut.exchange(0, ordering: .relaxed))
        add("bytesOut", bytesOut.exchange(0, ordering: .relaxed))
        return figures
    }
}
