/// The time of a test server: it passes when the test says so, and then exactly.
///
/// ```swift
/// let clock = ManualClock()
/// try await withTestServer(app, io, clock: clock) { server in
///     await clock.advance(by: .seconds(45))
/// }
/// ```
public final class ManualClock: Sendable {
    let driver = Driver()

    /// Makes a clock that stands still.
    public init() {}

    /// Lets time pass: everything that is ready runs, the clock steps to the next deadline, and
    /// again, until `duration` has passed and nothing more is ready.
    public func advance(by duration: Duration) async {
        await driver.advance(by: duration)
    }

    /// Runs everything that is ready now.
    public func settle() async {
        await driver.advance(by: .zero)
    }
}
