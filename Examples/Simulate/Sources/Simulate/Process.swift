#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What concerns the process and not the simulation.
enum Process {
    private static let switchName = "SWIFT_DETERMINISTIC_HASHING"

    /// Starts the program again with hashing that is the same in every process, unless it is so
    /// already: a schedule must not depend on the order of a set.
    static func startWithRepeatableHashing() {
        guard getenv(switchName) == nil else { return }
        setenv(switchName, "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(path, &arguments)
    }

    private static var path: String {
        #if os(Linux)
            "/proc/self/exe"
        #else
            CommandLine.arguments[0]
        #endif
    }

    /// Runs a share of the schedules in each of several processes: a simulation has one thread.
    static func share(_ settings: Settings) -> Main.Result {
        var children: [(id: pid_t, count: Int)] = []
        var seed = settings.seed
        for job in 0..<settings.jobs {
            let count =
                settings.schedules / settings.jobs
                + (job < settings.schedules % settings.jobs ? 1 : 0)
            guard count > 0 else { continue }
            var words = ["Simulate", "--child", "--schedules", "\(count)", "--seed", "\(seed)"]
            if let plant = settings.plant { words += ["--plant", plant.rawValue] }
            if let id = start(words) { children.append((id, count)) }
            seed &+= UInt64(count)
        }
        var result = Main.Result()
        for child in children {
            var status: Int32 = 0
            waitpid(child.id, &status, 0)
            result.schedules += child.count
            if status != 0 { result.violations += 1 }
        }
        return result
    }

    private static func start(_ words: [String]) -> pid_t? {
        var arguments = words.map { strdup($0) } + [nil]
        var id = pid_t()
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&id, path, nil, nil, &arguments, environ) == 0 ? id : nil
    }
}
