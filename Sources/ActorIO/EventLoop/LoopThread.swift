#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Starting threads and telling them apart.
package enum LoopThread {
    /// A number that differs between threads alive at the same time and is never 0.
    static var current: UInt {
        #if os(Linux)
            UInt(pthread_self())
        #else
            UInt(bitPattern: unsafe pthread_self())
        #endif
    }

    /// Processors that are online.
    static var processorCount: Int {
        #if os(Linux)
            max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        #else
            max(1, Int(sysconf(_SC_NPROCESSORS_ONLN)))
        #endif
    }

    /// Runs `body` on a new detached thread.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Body(run: body)).toOpaque()
        #if os(Linux)
            var thread = pthread_t()
            let result = unsafe pthread_create(
                &thread,
                nil,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                },
                box
            )
            precondition(result == 0, "no thread left for an event loop")
            pthread_detach(thread)
        #else
            var thread: pthread_t?
            let result = unsafe pthread_create(
                &thread,
                nil,
                { context in
                    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                },
                box
            )
            precondition(result == 0, "no thread left for an event loop")
            if let thread = unsafe thread { unsafe pthread_detach(thread) }
        #endif
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
