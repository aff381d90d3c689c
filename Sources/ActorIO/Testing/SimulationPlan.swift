internal import ActorIO

/// All that decides one run: the same plan is the same run.
struct SimulationPlan: Sendable, Equatable {
    var seed: UInt64
    /// Workload actors that do not take part, by the order in which they were added.
    var left: [Int] = []
    /// Which of the schedules that the seed has; the first one, but for a failure made smaller.
    var order = 0
    /// After so many steps nothing is drawn any more: every lane goes on as long as it can.
    var draws: Int?
    /// No fault of a network or a backing.
    var isFaultless = false
    /// One loop for everything.
    var isOnOneLoop = false

    init(seed: UInt64) {
        self.seed = seed
    }

    /// Reads the text form; nil when it is none.
    init?(_ text: String) {
        var parts = text.split(separator: "/").map(String.init)
        guard let first = parts.first, let seed = UInt64(first) else { return nil }
        parts.removeFirst()
        self.init(seed: seed)
        for part in parts {
            switch part {
            case "calm": isFaultless = true
            case "one": isOnOneLoop = true
            case let part where part.hasPrefix("draws"):
                guard let count = Int(part.dropFirst(5)) else { return nil }
                draws = count
            case let part where part.hasPrefix("order"):
                guard let number = Int(part.dropFirst(5)) else { return nil }
                order = number
            case let part where part.hasPrefix("without"):
                let numbers = part.dropFirst(7).split(separator: "-").map { Int($0) }
                guard !numbers.isEmpty, numbers.allSatisfy({ $0 != nil }) else { return nil }
                left = numbers.compactMap { $0 }
            default: return nil
            }
        }
    }

    /// Such as `8271/without0-3/order2/draws211/calm`.
    var text: String {
        var parts = ["\(seed)"]
        if !left.isEmpty { parts.append("without" + left.map(String.init).joined(separator: "-")) }
        if order != 0 { parts.append("order\(order)") }
        draws.map { parts.append("draws\($0)") }
        if isFaultless { parts.append("calm") }
        if isOnOneLoop { parts.append("one") }
        return parts.joined(separator: "/")
    }
}
