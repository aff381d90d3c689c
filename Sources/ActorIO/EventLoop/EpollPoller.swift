#if os(Linux)
    import Glibc
    internal import LinuxKernel

    /// Linux: epoll, with an eventfd to wake it.
    @safe final class EpollPoller: Poller {
        private let descriptor: Int32
        private let waker: Int32
        private var events = unsafe [epoll_event](repeating: epoll_event(), count: 512)
        private static let wakeTag = UInt64.max

        init() {
            descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
            waker = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
            precondition(descriptor >= 0 && waker >= 0, "no descriptors left for an event loop")
            _ = add(waker, .readable, tag: Self.wakeTag)
        }

        deinit {
            close(waker)
            close(descriptor)
        }

        func add(_ target: Int32, _ interest: Readiness, tag: UInt64) -> Bool {
            control(EPOLL_CTL_ADD, target, interest, tag) == 0
        }

        func change(_ target: Int32, _ interest: Readiness, tag: UInt64) {
            _ = control(EPOLL_CTL_MOD, target, interest, tag)
        }

        func remove(_ target: Int32) {
            _ = control(EPOLL_CTL_DEL, target, [], 0)
        }

        func closing(_ target: Int32) {}

        private func control(
            _ operation: Int32,
            _ target: Int32,
            _ interest: Readiness,
            _ tag: UInt64
        ) -> Int32 {
            var flags: UInt32 = 0
            if interest.contains(.readable) { flags |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
            if interest.contains(.writable) { flags |= EPOLLOUT.rawValue }
            if interest.contains(.ended) { flags |= EPOLLRDHUP.rawValue }
            var event = unsafe epoll_event(events: flags, data: epoll_data_t(u64: tag))
            return unsafe epoll_ctl(descriptor, operation, target, &event)
        }

        func wait(_ timeout: Duration?, _ event: (UInt64, Readiness) -> Void) {
            let count = unsafe epoll_wait(
                descriptor,
                &events,
                Int32(events.count),
                Self.milliseconds(timeout)
            )
            guard count > 0 else { return }
            for index in 0..<Int(count) {
                let flags = unsafe events[index].events
                let tag = unsafe events[index].data.u64
                if tag == Self.wakeTag {
                    drainWaker()
                } else {
                    event(tag, Self.readiness(flags))
                }
            }
        }

        private static func readiness(_ flags: UInt32) -> Readiness {
            var result: Readiness = []
            if flags & EPOLLIN.rawValue != 0 { result.insert(.readable) }
            if flags & EPOLLOUT.rawValue != 0 { result.insert(.writable) }
            let ended = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
            if flags & ended != 0 { result.insert(.ended) }
            return result
        }

        /// Rounds up, so that a deadline is never met a fraction early and waited for again.
        private static func milliseconds(_ timeout: Duration?) -> Int32 {
            guard let timeout else { return -1 }
            let nanoseconds = timeout.nanoseconds
            guard nanoseconds > 0 else { return 0 }
            return Int32(min(nanoseconds / 1_000_000 + 1, 3_600_000))
        }

        func wake() {
            var one: UInt64 = 1
            _ = unsafe write(waker, &one, 8)
        }

        private func drainWaker() {
            var count: UInt64 = 0
            _ = unsafe read(waker, &count, 8)
        }
    }
#endif
