import Foundation

/// What work costs this thread, whatever else the machine does meanwhile.
///
/// Only for bounds that work of another order would miss by far.
func threadTime(_ work: () throws -> Void) rethrows -> Duration {
    let start = now()
    try work()
    return now() - start
}

private func now() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
