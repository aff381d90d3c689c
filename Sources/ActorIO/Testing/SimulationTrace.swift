internal import ActorIO

/// What happened in one run, step by step: numbers always, words only when somebody wants to read.
final class SimulationTrace {
    private(set) var isWritten: Bool
    private(set) var step = 0
    /// Two runs with the same fingerprint took the same steps.
    private(set) var fingerprint: UInt64 = 0
    private var lines: [String] = []
    private var block: (first: Int, last: Int, lane: Int, name: String, kinds: [(String, Int)])?

    init(isWritten: Bool) {
        self.isWritten = isWritten
    }

    /// A lane has taken a step.
    func took(_ lane: Int, _ kind: String, _ name: @autoclosure () -> String) {
        step += 1
        mix(UInt64(bitPattern: Int64(lane)) << 8 | UInt64(kind.utf8.first ?? 0))
        guard isWritten else { return }
        if block?.lane == lane {
            block?.last = step
            count(kind)
        } else {
            flush()
            block = (step, step, lane, name(), [(kind, 1)])
        }
    }

    /// Something worth a line of its own.
    func note(_ text: @autoclosure () -> String) {
        guard isWritten else { return }
        flush()
        lines.append("\(Self.column("\(step)")) \(text())")
    }

    func mix(_ word: UInt64) {
        fingerprint = SplitMix64.mix(fingerprint ^ word)
    }

    /// Nothing that follows is of interest.
    func close() {
        flush()
        isWritten = false
    }

    var text: [String] {
        flush()
        return lines
    }

    private func count(_ kind: String) {
        if let last = block?.kinds.indices.last, block?.kinds[last].0 == kind {
            block?.kinds[last].1 += 1
        } else {
            block?.kinds.append((kind, 1))
        }
    }

    private func flush() {
        guard let block else { return }
        self.block = nil
        let kinds = block.kinds.map { $0.1 == 1 ? $0.0 : "\($0.1) \($0.0)s" }
        let numbers =
            block.first == block.last ? "\(block.first)" : "\(block.first)–\(block.last)"
        lines.append("\(Self.column(numbers)) \(block.name): \(kinds.joined(separator: ", "))")
    }

    private static func column(_ text: String) -> String {
        String(repeating: " ", count: max(0, 13 - text.count)) + text
    }
}
