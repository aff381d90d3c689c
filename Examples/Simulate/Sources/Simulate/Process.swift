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
        var children: [(id: pid_t, report: String)] = []
        var result = Main.Result()
        var seed = settings.seed
        for job in 0..<settings.jobs {
            let count =
                settings.schedules / settings.jobs
                + (job < settings.schedules % settings.jobs ? 1 : 0)
            guard count > 0 else { continue }
            let report = "/tmp/simulate-\(getpid())-\(job)"
            var words = ["Simulate", "--schedules", "\(count)", "--seed", "\(seed)"]
            words += ["--report", report]
            if let plant = settings.plant { words += ["--plant", plant.rawValue] }
            if let id = start(words) {
                children.append((id, report))
            } else {
                print("\(count) schedules are not run: there is no process for them")
                result.violations += 1
            }
            seed &+= UInt64(count)
        }
        for child in children {
            var status: Int32 = 0
            waitpid(child.id, &status, 0)
            let done = read(child.report)
            result.schedules += done?.schedules ?? 0
            result.violations += done?.violations ?? 1
            if done == nil { print("a process has ended before its share was done: \(status)") }
        }
        return result
    }

    static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else { return }
        fputs(text, file)
        fclose(file)
    }

    /// How much a process has done; nil when it did not come to its end.
    private static func read(_ path: String) -> Main.Result? {
        guard let file = fopen(path, "r") else { return nil }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = fread(&bytes, 1, bytes.count, file)
        fclose(file)
        unlink(path)
        let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard words.count == 2, let schedules = Int(words[0]), let violations = Int(words[1]) else {
            return nil
        }
        return Main.Result(schedules: schedules, violations: violations)
    }

    private static func start(_ words: [String]) -> pid_t? {
        var arguments = words.map { strdup($0) } + [nil]
        var id = pid_t()
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&id, path, nil, nil, &arguments, environ) == 0 ? id : nil
    }
}
