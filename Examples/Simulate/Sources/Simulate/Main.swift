import ActorIOTesting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Looks for a schedule under which somebody outlives their session.
///
///     Simulate --schedules N --seed S [--plant NAME] [--jobs N] [--replay PLAN] [--trace]
///
/// The last line says what was done; the exit status is 1 when something did not hold.
@main
struct Main {
    static func main() async {
        Process.startWithRepeatableHashing()
        guard let settings = Settings(CommandLine.arguments.dropFirst()) else {
            print(Settings.usage)
            exit(2)
        }
        let clock = ContinuousClock()
        let start = clock.now
        // What is shown again is one run: there is nothing to share.
        let isShared = settings.jobs > 1 && settings.replay == nil && !settings.isTraced
        let result = isShared ? Process.share(settings) : await run(settings)
        let (seconds, attoseconds) = (clock.now - start).components
        let took = Double(seconds) + Double(attoseconds) / 1e18
        if let report = settings.report {
            Process.write("\(result.schedules) \(result.violations)", to: report)
            exit(result.violations == 0 ? 0 : 1)
        }
        let rate = Int(Double(result.schedules) / max(took, 0.001))
        print(
            "schedules=\(result.schedules) violations=\(result.violations) per_second=\(rate)"
        )
        exit(result.violations == 0 ? 0 : 1)
    }

    struct Result {
        var schedules = 0
        var violations = 0
    }

    static func run(_ settings: Settings) async -> Result {
        let plant = settings.plant
        if settings.isTraced {
            let lines = await simulation(settings).trace { try await Workload(plant).begin($0) }
            for line in lines { print(line) }
            return Result(schedules: 1)
        }
        do {
            let report = try await simulation(settings).run { try await Workload(plant).begin($0) }
            if settings.report == nil {
                print(
                    "steps=\(report.steps) connections=\(report.connections)"
                        + " faults=\(report.faults) fingerprint=\(report.fingerprint)"
                )
            }
            return Result(schedules: report.schedules)
        } catch let failure as SimulationFailure {
            print(failure)
            return Result(schedules: failure.report.schedules, violations: 1)
        } catch {
            print(error)
            return Result(violations: 1)
        }
    }

    private static func simulation(_ settings: Settings) -> Simulation {
        let plant = settings.plant.map { " --plant \($0.rawValue)" } ?? ""
        let configure = { (options: inout Simulation.Options) in
            options.command = { "Simulate --replay \($0)\(plant)" }
        }
        guard let text = settings.replay else {
            return Simulation(schedules: settings.schedules, seed: settings.seed, configure)
        }
        guard let simulation = Simulation(replaying: text, configure) else {
            print("not a plan: \(text)")
            exit(2)
        }
        return simulation
    }
}

/// What the command line asks for.
struct Settings {
    static let usage = """
        usage: Simulate [--schedules N] [--seed S] [--jobs N] [--replay PLAN] [--trace]
            [--plant check-then-join | resurrecting-save | forgotten-handshake]
        """

    var schedules = 1_000
    var seed: UInt64 = 1
    var jobs = 1
    var plant: Plant?
    var replay: String?
    var isTraced = false
    /// Where a process that does a share of the work writes down how much it was.
    var report: String?

    /// Nil when a word is not understood.
    init?(_ words: some Sequence<String>) {
        var words = Array(words)[...]
        while let word = words.popFirst() {
            switch word {
            case "--schedules":
                guard let number = words.popFirst().flatMap({ Int($0) }), number > 0 else {
                    return nil
                }
                schedules = number
            case "--seed":
                guard let number = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
                seed = number
            case "--jobs":
                guard let number = words.popFirst().flatMap({ Int($0) }), number > 0 else {
                    return nil
                }
                jobs = number
            case "--plant":
                guard let plant = words.popFirst().flatMap({ Plant(rawValue: $0) }) else {
                    return nil
                }
                self.plant = plant
            case "--replay":
                guard let plan = words.popFirst() else { return nil }
                replay = plan
            case "--trace": isTraced = true
            case "--report": report = words.popFirst()
            default: return nil
            }
        }
    }
}
