/// One thing a loop has to run.
struct LoopJob: Sendable {
    @safe private enum Kind {
        case job(UnownedJob, UnownedSerialExecutor)
        case lane(UnownedJob, Lane)
        case task(UnownedJob, LoopTasks)
        case work(@Sendable () -> Void)
    }

    private let kind: Kind

    init(_ job: UnownedJob, on executor: UnownedSerialExecutor) {
        unsafe kind = .job(job, executor)
    }

    init(_ job: UnownedJob, lane: Lane) {
        kind = .lane(job, lane)
    }

    init(_ job: UnownedJob, task: LoopTasks) {
        kind = .task(job, task)
    }

    init(_ work: @escaping @Sendable () -> Void) {
        kind = .work(work)
    }

    /// Runs by the call that matches how the job came to be; the other form queues every hop twice.
    func run() {
        switch kind {
        case .job(let job, let executor):
            unsafe job.runSynchronously(on: executor)
        case .lane(let job, let lane):
            lane.run(job)
        case .task(let job, let executor):
            unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor())
        case .work(let work):
            work()
        }
    }
}
