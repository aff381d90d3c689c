import XCTest

@testable import ActorIO

/// Sessions in real files of a real directory.
final class FileBackingTests: XCTestCase {
    private let scratch = ScratchDirectory()
    private let lines = LogLines()

    private func open(
        _ configure: (inout FileBacking.Options) -> Void = { _ in }
    ) async throws -> FileBacking {
        try await FileBacking.open(directory: scratch.path) { options in
            options.log = lines.log
            configure(&options)
        }
    }

    func testARecordComesBackAsItWasBeforeAndAfterARestart() async throws {
        let ids = (0..<3).map { _ in SessionID() }
        let backing = try await open()
        for (number, id) in ids.enumerated() {
            try await backing.save(.numbered(0), for: id)
            try await backing.save(.numbered(number, user: number == 1 ? nil : "é"), for: id)
        }
        let before = try await backing.load(ids[2])
        XCTAssertEqual(before, .numbered(2, user: "é"))
        try await backing.close()
        let again = try await open()
        for (number, id) in ids.enumerated() {
            let record = try await again.load(id)
            XCTAssertEqual(record, .numbered(number, user: number == 1 ? nil : "é"))
        }
        XCTAssertEqual(again.count, 3)
        XCTAssertEqual(scratch.names.count, 3, "one file for each")
        let listed = try await again.sessions(of: "é")
        XCTAssertEqual(Set(listed), [ids[0], ids[2]])
        let composed = try await again.sessions(of: "e\u{301}")
        XCTAssertEqual(composed, [], "names are bytes")
    }

    func testWhatWasDeletedIsGoneAndDeletingTwiceIsNoError() async throws {
        let id = SessionID()
        let backing = try await open()
        try await backing.save(.numbered(1), for: id)
        try await backing.delete(id)
        try await backing.delete(id)
        let record = try await backing.load(id)
        XCTAssertNil(record)
        try await backing.close()
        let again = try await open()
        let later = try await again.load(id)
        XCTAssertNil(later)
        XCTAssertEqual(scratch.names, [])
    }

    func testATouchChangesTwoMomentsOfWhatIsThereAndMakesNothing() async throws {
        let (id, missing) = (SessionID(), SessionID())
        let backing = try await open()
        try await backing.save(.numbered(1), for: id)
        try await backing.touch(id, lastSeenAt: 2_000, expiresAt: .farAway + 1)
        try await backing.touch(missing, lastSeenAt: 2_000, expiresAt: .farAway + 1)
        try await backing.close()
        let again = try await open()
        let touched = try await again.load(id)
        XCTAssertEqual(touched, .numbered(1, seen: 2_000, expires: .farAway + 1))
        let absent = try await again.load(missing)
        XCTAssertNil(absent)
        XCTAssertEqual(again.count, 1)
    }

    func testTheIndexFollowsAUserFromOneNameToAnother() async throws {
        let id = SessionID()
        let backing = try await open()
        try await backing.save(.numbered(1, user: nil), for: id)
        try await backing.save(.numbered(2, user: "7"), for: id)
        let seven = try await backing.sessions(of: "7")
        XCTAssertEqual(seven, [id])
        try await backing.save(.numbered(3, user: "8"), for: id)
        let moved = try await (backing.sessions(of: "7"), backing.sessions(of: "8"))
        XCTAssertEqual(moved.0, [])
        XCTAssertEqual(moved.1, [id])
        try await backing.delete(id)
        let gone = try await backing.sessions(of: "8")
        XCTAssertEqual(gone, [])
    }

    func testFilesAndDirectoryAreForTheirOwnerAndNamesTellNothing() async throws {
        let id = SessionID()
        let backing = try await open()
        try await backing.save(.numbered(1), for: id)
        XCTAssertEqual(scratch.mode(), 0o700)
        XCTAssertEqual(scratch.mode("lock"), 0o600)
        let name = try XCTUnwrap(scratch.names.first)
        XCTAssertEqual(scratch.mode(name), 0o600)
        XCTAssertEqual(FileBackingName.parse(name)?.stem, FileBackingName.stem(id))
        XCTAssertFalse(name.contains(id.description))
        XCTAssertEqual(name, name.lowercased())
    }

    func testADirectoryThatLetsOthersInIsReported() async throws {
        try FileManager.default.createDirectory(
            atPath: scratch.path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        _ = try await open()
        XCTAssertTrue(lines.all.contains { $0.contains("others may enter") })
    }

    func testADirectoryIsOpenOnceAndItsHolderIsNamed() async throws {
        let backing = try await open()
        do {
            _ = try await open()
            XCTFail("opened twice")
        } catch let error as FileBacking.InUse {
            XCTAssertEqual(error.directory, scratch.path)
            XCTAssertEqual(error.process, ThisProcess.id)
            XCTAssertTrue(error.description.contains(scratch.path))
        }
        try await backing.close()
        _ = try await open()
    }

    func testABackingThatNobodyHoldsGivesItsDirectoryBack() async throws {
        for number in 0..<3 {
            let backing = try await openWhenFree()
            try await backing.save(.numbered(number), for: SessionID())
        }
        let last = try await openWhenFree()
        XCTAssertEqual(last.count, 3)
    }

    /// Its thread may still be on its way out of the call that was answered last.
    private func openWhenFree() async throws -> FileBacking {
        for _ in 0..<100_000 {
            do {
                return try await open()
            } catch is FileBacking.InUse {
                await Task.yield()
            }
        }
        return try await open()
    }

    func testAClosedBackingRefusesEverything() async throws {
        let id = SessionID()
        let backing = try await open()
        try await backing.save(.numbered(1), for: id)
        try await backing.close()
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await backing.load(id) }, { try await backing.save(.numbered(2), for: id) },
            { try await backing.delete(id) }, { _ = try await backing.load(SessionID()) },
            { try await backing.touch(id, lastSeenAt: 1, expiresAt: 2) },
        ]
        for (number, call) in calls.enumerated() {
            do {
                try await call()
                XCTFail("call \(number)")
            } catch let error as SystemError {
                XCTAssertTrue(error.description.contains("closed"))
            }
        }
    }

    func testADirectoryThatCanNotBeMadeIsNamedInTheError() async throws {
        for path in ["", "/proc/none/sessions", "a\0b"] {
            do {
                _ = try await FileBacking.open(directory: path)
                XCTFail(path)
            } catch let error as SystemError {
                XCTAssertTrue(error.call.contains(path.isEmpty ? "\"\"" : path), error.call)
            }
        }
    }

    func testManyAtOnceAreAllSavedAndEachInItsOrder() async throws {
        let ids = (0..<50).map { _ in SessionID() }
        let backing = try await open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids {
                group.addTask {
                    for number in 1...5 { try await backing.save(.numbered(number), for: id) }
                }
            }
            try await group.waitForAll()
        }
        try await backing.close()
        let again = try await open()
        for id in ids {
            let number = try await again.load(id)?.number
            XCTAssertEqual(number, 5)
        }
        XCTAssertEqual(scratch.names.count, ids.count)
    }
}

/// What is refused, and what is cleaned away.
final class FileBackingLimitTests: XCTestCase {
    private func status(_ error: any Error) -> Int? { (error as? HTTPError)?.status.code }

    func testASessionTooManyIs503UntilOneEnds() async throws {
        let bench = try FileBackingBench(PaperDisk()) { $0.maxSessions = 2 }
        let ids = (0..<4).map { _ in SessionID() }
        let outcomes = await bench.run(
            ids[..<3].map { id in { try await $0.save(.numbered(1), for: id) } }
        )
        XCTAssertEqual(outcomes, [true, true, false], "those of one group count as well")
        do {
            try await bench.value { try await $0.save(.numbered(1), for: ids[2]) }
            XCTFail("more than allowed")
        } catch {
            XCTAssertEqual(status(error), 503)
        }
        try await bench.value { try await $0.save(.numbered(2), for: ids[0]) }
        try await bench.value { try await $0.delete(ids[0]) }
        try await bench.value { try await $0.save(.numbered(1), for: ids[3]) }
        XCTAssertEqual(bench.backing.count, 2)
    }

    func testACallTooManyThatWaitsIs503() async throws {
        let bench = try FileBackingBench(PaperDisk()) { $0.maxWaiting = 3 }
        let outcomes = await bench.run(
            (0..<5).map { _ in { try await $0.save(.numbered(1), for: SessionID()) } }
        )
        XCTAssertEqual(outcomes, [true, true, true, false, false])
    }

    func testASessionThatIsTooLargeLeavesTheOneBefore() async throws {
        let bench = try FileBackingBench(PaperDisk()) { $0.maxFileSize = 2_000 }
        let id = SessionID()
        try await bench.value { try await $0.save(.numbered(1), for: id) }
        var large = SessionRecord.numbered(2)
        large.values["large"] = [UInt8](repeating: 32, count: 2_000)
        let outcome = await bench.run([{ [large] in try await $0.save(large, for: id) }])
        XCTAssertEqual(outcome, [false])
        let kept = try await bench.value { try await $0.load(id) }
        XCTAssertEqual(kept?.number, 1)
    }

    func testWhatExpiredIsRemovedAWhileLaterByTheStoresTimeAlone() async throws {
        let disk = PaperDisk()
        let (bench, loop) = try timed(disk)
        let now = loop.unixTime
        let ids = (0..<3).map { _ in SessionID() }
        for (id, life) in zip(ids, [400, 4_000, 400] as [Int64]) {
            let record = SessionRecord.numbered(1, seen: now, expires: now + life)
            try await bench.value { try await $0.save(record, for: id) }
        }
        func count(after seconds: Int) async throws -> Int {
            loop.setVirtualTime(LoopTime(nanoseconds: 1_000_000_000) + .seconds(seconds))
            _ = try await bench.value { try await $0.load(ids[1]) }
            return bench.backing.count
        }
        let (early, expired) = try await (count(after: 399), count(after: 499))
        XCTAssertEqual([early, expired], [3, 3], "a store may have seen it since")
        let touched = now + 1_000
        try await bench.value { [id = ids[2]] in
            try await $0.touch(id, lastSeenAt: now + 400, expiresAt: touched)
        }
        let (swept, last) = try await (count(after: 500), count(after: 1_151))
        XCTAssertEqual([swept, last], [2, 1])
        XCTAssertEqual(disk.allNames.count, 1, "the files go as well")
    }

    func testWhatExpiredWhileNobodyRanIsRemovedAtTheFirstCall() async throws {
        let disk = PaperDisk()
        for number in 0..<100 {
            let id = SessionID()
            let record = SessionRecord.numbered(number, expires: 5_000)
            let file = try disk.create(FileBackingName.file(FileBackingName.stem(id), .first))
            let format = FileBackingFormat(id: id, sequence: Int64(number), record: record)
            try file.write(try format.bytes())
        }
        let again = try FileBackingBench(disk)
        XCTAssertEqual(again.backing.count, 100)
        for _ in 0..<2 {
            try await again.value { try await $0.delete(SessionID()) }
        }
        XCTAssertEqual(again.backing.count, 0)
    }

    func testASessionThatIsSavedAgainInTimeIsNotSwept() async throws {
        let disk = PaperDisk()
        let id = SessionID()
        let first = try FileBackingBench(disk)
        try await first.value { try await $0.save(.numbered(1, expires: 5_000), for: id) }
        let bench = try FileBackingBench(disk.restarted(after: .nothing))
        // It is thought of as due when it is saved anew, and removed first.
        let outcomes = await bench.run([
            { try await $0.save(.numbered(2), for: id) }, { _ = try await $0.load(id) },
        ])
        XCTAssertEqual(outcomes, [true, true])
        let saved = try await bench.value { try await $0.load(id) }
        XCTAssertEqual(saved?.number, 2)
        // And when it comes to be due while its save waits, the save counts.
        let (second, loop) = try timed(PaperDisk())
        let now = loop.unixTime
        let short = SessionRecord.numbered(1, seen: now, expires: now + 1)
        try await second.value { try await $0.save(short, for: id) }
        let save = Task.immediate { [backing = second.backing] in
            try await backing.save(.numbered(2), for: id)
        }
        loop.setVirtualTime(loop.now + .seconds(1_000))
        _ = await second.run([{ _ = try await $0.load(SessionID()) }])
        try await save.value
        let kept = try await second.value { try await $0.load(id) }
        XCTAssertEqual(kept?.number, 2)
    }

    /// On time that passes when it is told to.
    private func timed(_ disk: PaperDisk) throws -> (FileBackingBench, EventLoop) {
        let loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000_000_000))
        let lane = Lane()
        lane.bind(to: loop)
        loop.claim()
        while loop.crank() {}
        loop.release()
        let bench = try FileBackingBench(disk)
        bench.backing.keepTime(by: lane)
        return (bench, loop)
    }
}
