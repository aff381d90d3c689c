import ActorIO
import Foundation
import Synchronization

/// Starts workers, kills them at random points, and checks what they leave.
struct Trial {
    private let settings: Settings
    private var dice: Dice
    private var violations = 0
    private var answers = 0
    /// A directory serves so many workers, one after the other.
    private static let workersPerDirectory = 100

    init(_ settings: Settings) {
        self.settings = settings
        dice = Dice(seed: settings.seed)
    }

    /// How often something was not as it was said to be.
    mutating func run() async throws -> Int {
        print("seed=\(settings.seed)")
        fflush(nil)
        var left = settings.kills
        while left > 0 {
            let count = min(left, Self.workersPerDirectory)
            try await useDirectory(kills: count)
            left -= count
            print("\(settings.kills - left) kills, \(answers) answers, \(violations) violations")
            fflush(nil)
        }
        return violations
    }

    private mutating func useDirectory(kills: Int) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("durable-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var ledger = Ledger()
        try await checkLock(directory, &ledger)
        for _ in 0..<kills {
            let worker = try start(directory, ledger.living)
            try await Task.sleep(for: .microseconds(5_000 + dice.roll(195_000)))
            for fact in try await worker.end() { ledger.take(fact) }
            let aside = Lines()
            let backing = try await FileBacking.open(directory: directory) { options in
                options.log = Log { aside.add($0.line) }
            }
            for line in aside.all { ledger.report("?", line) }
            try await ledger.check(backing)
            try await backing.close()
        }
        for violation in ledger.violations { print("violation: \(violation)") }
        violations += ledger.violations.count
        answers += ledger.answers
    }

    /// While a worker lives nobody else gets its directory, and once it is killed they do.
    private mutating func checkLock(_ directory: String, _ ledger: inout Ledger) async throws {
        let worker = try start(directory, [])
        try await worker.untilReady()
        do {
            try await FileBacking.open(directory: directory).close()
            ledger.report("?", "the directory could be opened twice")
        } catch let error as FileBacking.InUse {
            if error.process != worker.id { ledger.report("?", "the lock names \(error)") }
        }
        for fact in try await worker.end() { ledger.take(fact) }
        let backing = try await FileBacking.open(directory: directory)
        try await ledger.check(backing)
        try await backing.close()
    }

    private mutating func start(_ directory: String, _ cookies: [String]) throws -> LiveWorker {
        var arguments = ["worker", directory, "--seed", "\(dice.next() >> 1)"]
        if let plant = settings.plant { arguments += ["--plant", plant.rawValue] }
        return try LiveWorker(arguments, cookies.shuffled(using: &dice))
    }
}

/// Lines of a log.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
