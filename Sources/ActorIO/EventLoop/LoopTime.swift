/// A point on a loop's own clock: monotonic in production, virtual in tests.
package struct LoopTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock began; the beginning has no meaning of its own.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    static let distantFuture = LoopTime(nanoseconds: .max)

    package static func < (left: LoopTime, right: LoopTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (time: LoopTime, duration: Duration) -> LoopTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        guard overflow else { return LoopTime(nanoseconds: sum) }
        return LoopTime(nanoseconds: duration < .zero ? .min : .max)
    }

    package static func - (left: LoopTime, right: LoopTime) -> Duration {
        .nanoseconds(left.nanoseconds.subtractingReportingOverflow(right.nanoseconds).partialValue)
    }
}

extension Duration {
    /// Whole nanoseconds, saturating: options may hold any duration a user writes.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard carry else { return sum }
        return seconds < 0 ? .min : .max
    }
}
