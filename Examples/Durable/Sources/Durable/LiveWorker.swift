import ActorIO
import Foundation

/// A worker that runs, and what it says.
final class LiveWorker: Sendable {
    private let process: Process
    private let output: Pipe
    private let said: Task<Data, Never>
    private let ready: AsyncStream<Void>

    /// Starts this program once more.
    init(_ arguments: [String], _ cookies: [String]) throws {
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        self.process = process
        self.output = output
        self.ready = ready
        // Read all the time, or a full pipe would hold the worker up.
        said = Task.detached {
            var said = Data()
            while true {
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { break }
                said += more
                isReady.yield()
            }
            isReady.finish()
            return said
        }
        let cookies = cookies.prefix(100).map { $0 + "\n" }.joined()
        input.fileHandleForWriting.write(Data((cookies + "\n").utf8))
        try input.fileHandleForWriting.close()
    }

    var id: Int { Int(process.processIdentifier) }

    func untilReady() async throws {
        for await _ in ready { return }
        throw Odd(what: "the worker ended before it began")
    }

    /// Kills it, and gives what it has said; it must not have ended before.
    func end() async throws -> [Fact] {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let text = String(decoding: await said.value, as: UTF8.self)
        guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL
        else { throw Odd(what: "the worker ended by itself with \(process.terminationStatus)") }
        return text.split(separator: "\n").compactMap { Fact($0) }
    }
}
