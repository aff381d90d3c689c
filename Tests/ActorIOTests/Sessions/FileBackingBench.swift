import Foundation

@testable import ActorIO

/// A backing of files whose work waits until it is told to run, so that changes come in groups.
struct FileBackingBench: Sendable {
    let backing: FileBacking
    let later = LaterWork()

    init(
        _ disk: any FileDirectory,
        _ configure: (inout FileBacking.Options) -> Void = { _ in }
    ) throws {
        var options = FileBacking.Options()
        options.log = .disabled
        configure(&options)
        let later = later
        let threads = FileBackingThreads { later.add($0) }
        backing = try FileBacking(disk, options, threads)
    }

    /// Begins all, in their order, then lets the disk work, and says which have failed.
    func run(_ works: [@Sendable (FileBacking) async throws -> Void]) async -> [Bool] {
        let tasks = works.map { work in
            Task.immediate { [backing] in
                do {
                    try await work(backing)
                    return true
                } catch {
                    return false
                }
            }
        }
        later.run()
        var outcomes: [Bool] = []
        for task in tasks { outcomes.append(await task.value) }
        return outcomes
    }

    @discardableResult
    func value<Value: Sendable>(
        _ work: @escaping @Sendable (FileBacking) async throws -> Value
    ) async throws -> Value {
        let task = Task.immediate { [backing] in try await work(backing) }
        later.run()
        return try await task.value
    }
}

/// Work that waits.
final class LaterWork: Sendable {
    private let waiting = Locked<[@Sendable () -> Void]>([])

    func add(_ work: @escaping @Sendable () -> Void) {
        waiting.withLock { $0.append(work) }
    }

    func run() {
        while let work = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { work() }
    }
}

extension Int64 {
    /// Seconds since 1970, long after this test.
    static let farAway: Int64 = 1 << 39
}

/// What was logged, line by line.
final class LogLines: Sendable {
    private let lines = Locked<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var log: Log { Log(level: .debug) { [lines = self] entry in lines.add(entry.line) } }

    private func add(_ line: String) { lines.withLock { $0.append(line) } }
}

extension SessionRecord {
    /// A record that is known by a number.
    static func numbered(
        _ number: Int,
        user: String? = "7",
        seen: Int64 = 1_000,
        expires: Int64 = .farAway
    ) -> SessionRecord {
        SessionRecord(
            createdAt: 1_000,
            lastSeenAt: seen,
            expiresAt: expires,
            userID: user,
            address: "192.0.2.1",
            userAgent: "Browser/1 \"quoted\"\n",
            values: ["number": [UInt8]("\(number)"), "bytes": [0, 255, 10, 13, 34]]
        )
    }

    var number: Int? { values["number"].flatMap { Int(String(decoding: $0, as: UTF8.self)) } }
}

/// A directory that is gone with its last user.
final class ScratchDirectory: Sendable {
    let path: String

    init() {
        let name = "sessions-\(UUID().uuidString)"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0 != "lock" }.sorted()
    }

    func mode(_ name: String = "") -> Int {
        let place = name.isEmpty ? path : path + "/" + name
        let attributes = try? FileManager.default.attributesOfItem(atPath: place)
        return (attributes?[.posixPermissions] as? Int) ?? -1
    }

    func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: path + "/" + name).map { [UInt8]($0) } ?? []
    }

    func put(_ bytes: [UInt8], _ name: String) {
        _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
    }
}
