import Foundation

/// What work costs this thread, whatever else the machine does meanwhile.
///
/// Only for bounds that work of another order would miss by far.
func threadTime(_ work: () throws -> Void) rethrows -> Duration {
    let start = now()
    try work()
    return now() - start
}

/// Two machine words are what a `timespec` is; its members are hidden from tests on optimised code.
private func now() -> Duration {
    var time = (seconds: 0, nanoseconds: 0)
    unsafe withUnsafeMutableBytes(of: &time) { bytes in
        guard let time = unsafe bytes.assumingMemoryBound(to: timespec.self).baseAddress else {
            return
        }
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, time)
    }
    return .seconds(time.seconds) + .nanoseconds(time.nanoseconds)
}
