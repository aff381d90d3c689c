import Foundation

/// Kills servers while they save sessions, and looks at what their directory has afterwards.
///
///     Durable --kills 100 [--seed S] [--plant NAME]
///     Durable worker DIR [--seed S] [--plant NAME]      what is killed; started by the first
///
/// Its last line is `kills=N violations=V`; its status is 1 after a violation.
@main
struct Main {
    static func main() async throws {
        guard let settings = Settings(CommandLine.arguments.dropFirst()) else {
            print(Settings.usage)
            exit(2)
        }
        if let directory = settings.workerDirectory {
            try await Worker(directory, settings).run()
        } else {
            var trial = Trial(settings)
            let violations = try await trial.run()
            print("kills=\(settings.kills) violations=\(violations)")
            exit(violations == 0 ? 0 : 1)
        }
    }
}

/// What the command line asks for.
struct Settings: Sendable {
    static let usage = """
        usage: Durable --kills N [--seed S] [--plant NAME]
            NAME is one of \(Plant.allCases.map(\.rawValue).joined(separator: ", "))
        """

    var kills = 100
    var seed = UInt64.random(in: 0..<1_000_000_000)
    var plant: Plant?
    var workerDirectory: String?

    /// Nil when a word is not understood.
    init?(_ words: some Sequence<String>) {
        var words = Array(words)[...]
        while let word = words.popFirst() {
            switch word {
            case "--kills":
                guard let kills = words.popFirst().flatMap(Int.init), kills > 0 else { return nil }
                self.kills = kills
            case "--seed":
                guard let seed = words.popFirst().flatMap(UInt64.init) else { return nil }
                self.seed = seed
            case "--plant":
                guard let plant = words.popFirst().flatMap(Plant.init(rawValue:)) else {
                    return nil
                }
                self.plant = plant
            case "worker":
                guard let directory = words.popFirst() else { return nil }
                workerDirectory = directory
            default: return nil
            }
        }
    }
}

/// Numbers that look random and are the same for one seed (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &self) }
}
