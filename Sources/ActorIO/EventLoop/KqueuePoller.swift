#if canImport(Darwin)
    import Darwin

    /// macOS: kqueue, with a user event to wake it.
    ///
    /// Not run by our own tests; see `PollPoller`.
    final class KqueuePoller: Poller {
        private let queue: Int32
        private var events = unsafe [kevent](repeating: kevent(), count: 512)
        private static let wakeTag = UInt64.max

        init() {
            queue = kqueue()
            precondition(queue >= 0, "no descriptors left for an event loop")
            change(0, EVFILT_USER, EV_ADD | EV_CLEAR, Self.wakeTag)
        }

        deinit { close(queue) }

        private func change(
            _ ident: Int32,
            _ filter: Int32,
            _ flags: Int32,
            _ tag: UInt64,
            _ notes: UInt32 = 0
        ) {
            var event = unsafe kevent(
                ident: UInt(ident),
                filter: Int16(filter),
                flags: UInt16(flags),
                fflags: notes,
                data: 0,
                udata: UnsafeMutableRawPointer(bitPattern: UInt(tag))
            )
            _ = unsafe kevent(queue, &event, 1, nil, 0, nil)
        }

        func add(_ descriptor: Int32, _ interest: Readiness, tag: UInt64) -> Bool {
            change(descriptor, interest, tag: tag)
            return true
        }

        func change(_ descriptor: Int32, _ interest: Readiness, tag: UInt64) {
            let read = interest.contains(.readable) ? EV_ADD : EV_DELETE
            let write = interest.contains(.writable) ? EV_ADD : EV_DELETE
            change(descriptor, EVFILT_READ, read, tag)
            change(descriptor, EVFILT_WRITE, write, tag)
        }

        func remove(_ descriptor: Int32) {
            change(descriptor, EVFILT_READ, EV_DELETE, 0)
            change(descriptor, EVFILT_WRITE, EV_DELETE, 0)
        }

        func closing(_ descriptor: Int32) {}

        func wait(_ timeout: Duration?, _ event: (UInt64, Readiness) -> Void) {
            var limit = timespec()
            if let nanoseconds = timeout?.nanoseconds {
                limit.tv_sec = Int(nanoseconds / 1_000_000_000)
                limit.tv_nsec = Int(nanoseconds % 1_000_000_000)
            }
            let capacity = Int32(events.count)
            let count =
                unsafe timeout == nil
                ? kevent(queue, nil, 0, &events, capacity, nil)
                : kevent(queue, nil, 0, &events, capacity, &limit)
            guard count > 0 else { return }
            for index in 0..<Int(count) {
                let found = unsafe events[index]
                let tag = unsafe UInt64(UInt(bitPattern: found.udata))
                guard tag != Self.wakeTag else { continue }
                var readiness: Readiness =
                    unsafe Int32(found.filter) == EVFILT_READ ? .readable : .writable
                if unsafe Int32(found.flags) & EV_EOF != 0 { readiness.insert(.ended) }
                event(tag, readiness)
            }
        }

        func wake() {
            change(0, EVFILT_USER, 0, Self.wakeTag, UInt32(NOTE_TRIGGER))
        }
    }
#endif
