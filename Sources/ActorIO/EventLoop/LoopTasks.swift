/// A loop as a task executor: how a manual loop comes to see work that belongs to no pinned actor.
package final class LoopTasks: TaskExecutor, @unchecked Sendable {
    private unowned let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.add(LoopJob(job, task: self))
    }
}
