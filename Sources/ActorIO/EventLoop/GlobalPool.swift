internal import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The pool of threads on which the runtime runs what belongs to no executor of its own.
///
/// A simulation takes over what its own thread puts there: tasks without an actor, actors without
/// an executor, `@concurrent` functions. The runtime asks a hook before it uses its pool.
package enum GlobalPool {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private static let seat = Locked<SimulationSeat?>(nil)

    /// False when this runtime has no hook, as when it is linked statically.
    package static func capture(by newSeat: SimulationSeat) -> Bool {
        guard isHooked else { return false }
        seat.withLock { $0 = newSeat }
        return true
    }

    package static func release() {
        seat.withLock { $0 = nil }
    }

    /// Once, and for good: without a simulation it passes everything on.
    private static let isHooked: Bool = {
        guard let address = unsafe symbol("swift_task_enqueueGlobal_hook") else { return false }
        let hook = unsafe address.assumingMemoryBound(to: Hook?.self)
        unsafe hook.pointee = { job, original in
            if !GlobalPool.take(job) { original(job) }
        }
        return true
    }()

    private static func take(_ job: UnownedJob) -> Bool {
        guard let seat = seat.withLock({ $0 }), seat.isHere else { return false }
        seat.pool(job)
        return true
    }

    static func enqueue(_ job: UnownedJob) {
        seat.withLock { $0 }?.pool(job)
    }

    /// Lets sets and dictionaries that are made from now on have the same order whenever they have
    /// the same content and history in this process.
    ///
    /// Older ones keep the seed they have. Between two processes the order differs all the same,
    /// unless both were started with `SWIFT_DETERMINISTIC_HASHING=1`.
    package static func makeHashingRepeatable() {
        // Two words of seed, then the flag.
        guard let parameters = unsafe symbol("_swift_stdlib_Hashing_parameters") else { return }
        unsafe parameters.storeBytes(of: true, toByteOffset: 16, as: Bool.self)
    }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
        #if canImport(Darwin)
            let everywhere = unsafe UnsafeMutableRawPointer(bitPattern: -2)
        #else
            let everywhere: UnsafeMutableRawPointer? = nil
        #endif
        return unsafe dlsym(everywhere, name)
    }
}
