#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Any POSIX system: `poll(2)` and a pipe.
///
/// Slower with many descriptors; keeps the seam honest.
final class PollPoller: Poller {
    private var entries: [pollfd] = []
    private var tags: [UInt64] = []
    private var index: [Int32: Int] = [:]
    private let reader: Int32
    private let waker: Int32
    private static let wakeTag = UInt64.max

    init() {
        var pair: [Int32] = [-1, -1]
        let result = unsafe pipe(&pair)
        precondition(result == 0, "no descriptors left for an event loop")
        reader = pair[0]
        waker = pair[1]
        for end in pair {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        _ = add(reader, .readable, tag: Self.wakeTag)
    }

    deinit {
        close(reader)
        close(waker)
    }

    func add(_ descriptor: Int32, _ interest: Readiness, tag: UInt64) -> Bool {
        index[descriptor] = entries.count
        entries.append(pollfd(fd: descriptor, events: Self.flags(interest), revents: 0))
        tags.append(tag)
        return true
    }

    func change(_ descriptor: Int32, _ interest: Readiness, tag: UInt64) {
        guard let position = index[descriptor] else { return }
        entries[position].events = Self.flags(interest)
        tags[position] = tag
    }

    func remove(_ descriptor: Int32) {
        guard let position = index.removeValue(forKey: descriptor) else { return }
        entries.swapAt(position, entries.count - 1)
        tags.swapAt(position, tags.count - 1)
        entries.removeLast()
        tags.removeLast()
        if position < entries.count { index[entries[position].fd] = position }
    }

    func closing(_ descriptor: Int32) { remove(descriptor) }

    private static func flags(_ interest: Readiness) -> Int16 {
        var result: Int32 = 0
        if interest.contains(.readable) { result |= Int32(POLLIN) }
        if interest.contains(.writable) { result |= Int32(POLLOUT) }
        return Int16(truncatingIfNeeded: result)
    }

    func wait(_ timeout: Duration?, _ event: (UInt64, Readiness) -> Void) {
        var snapshot = entries
        let stamps = tags
        let count = unsafe poll(&snapshot, nfds_t(snapshot.count), milliseconds(timeout))
        guard count > 0 else { return }
        for (entry, tag) in zip(snapshot, stamps) where entry.revents != 0 {
            if tag == Self.wakeTag {
                drainWaker()
            } else {
                event(tag, Self.readiness(Int32(entry.revents)))
            }
        }
    }

    private func milliseconds(_ timeout: Duration?) -> Int32 {
        guard let timeout else { return -1 }
        let nanoseconds = timeout.nanoseconds
        return nanoseconds > 0 ? Int32(min(nanoseconds / 1_000_000 + 1, 3_600_000)) : 0
    }

    private static func readiness(_ flags: Int32) -> Readiness {
        var result: Readiness = []
        if flags & Int32(POLLIN) != 0 { result.insert(.readable) }
        if flags & Int32(POLLOUT) != 0 { result.insert(.writable) }
        if flags & Int32(POLLHUP | POLLERR | POLLNVAL) != 0 { result.insert(.ended) }
        return result
    }

    func wake() {
        var byte: UInt8 = 1
        _ = unsafe write(waker, &byte, 1)
    }

    private func drainWaker() {
        var scratch = [UInt8](repeating: 0, count: 64)
        while unsafe read(reader, &scratch, 64) == 64 {}
    }
}
