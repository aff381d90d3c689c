internal import ActorIO

/// Looks for the smallest run that fails: fewest actors, then the shortest schedule.
struct Shrinker {
    private(set) var best: SimulationRun
    private var attempts: Int

    /// Without an actor the others meet in another order: so many orders are tried.
    private static let orders = 12

    init(_ run: SimulationRun, attempts: Int) {
        best = run
        self.attempts = attempts
    }

    mutating func shrink() {
        let actors = best.perform(isTraced: false).actors
        var hasShrunk = true
        while hasShrunk, attempts > 0 {
            hasShrunk = false
            for actor in 0..<actors where !best.plan.left.contains(actor) {
                if drop(actor) { hasShrunk = true }
            }
        }
        _ = fails { $0.isFaultless = true }
        _ = fails { $0.isOnOneLoop = true }
        shortenDraws()
    }

    private mutating func drop(_ actor: Int) -> Bool {
        for order in 0..<Self.orders {
            let isGone = fails { plan in
                plan.left = (plan.left + [actor]).sorted()
                plan.order = order
            }
            if isGone { return true }
        }
        return false
    }

    /// Halves the distance to the fewest drawn steps that still fail.
    private mutating func shortenDraws() {
        var (low, high) = (0, best.perform(isTraced: false).steps)
        while low < high, attempts > 0 {
            let middle = (low + high) / 2
            if fails({ $0.draws = middle }) { high = middle } else { low = middle + 1 }
        }
    }

    private mutating func fails(_ change: (inout SimulationPlan) -> Void) -> Bool {
        var plan = best.plan
        change(&plan)
        guard attempts > 0, plan != best.plan else { return false }
        attempts -= 1
        let run = best.with(plan)
        guard run.perform(isTraced: false).failure != nil else { return false }
        best = run
        return true
    }
}
