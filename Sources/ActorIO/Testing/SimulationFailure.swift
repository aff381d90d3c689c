/// A run in which something did not hold.
public struct SimulationFailure: Error, CustomStringConvertible, Sendable {
    /// What did not hold.
    public let message: String
    /// The seed with which it was found.
    public let seed: UInt64
    /// The smallest run that was found to fail, for `Simulation(replaying:)`.
    public let replay: String
    /// What that run did, step by step.
    public let trace: [String]
    /// What was run until then, the failing one included.
    public let report: Simulation.Report
    private let command: String

    init(
        _ report: Simulation.Report,
        first: SimulationPlan,
        _ found: String,
        _ shrunk: SimulationRun,
        _ options: Simulation.Options
    ) {
        let outcome = shrunk.perform(isTraced: true)
        self.report = report
        seed = first.seed
        replay = shrunk.plan.text
        trace = outcome.trace
        message = outcome.failure ?? found + " (once, and not again)"
        command = options.command(shrunk.plan.text)
    }

    /// The trace, and how to have the run again.
    public var description: String {
        (trace + ["", message, "seed \(seed), run \(report.schedules); again: \(command)"])
            .joined(separator: "\n")
    }
}
