import XCTest

@testable import ActorIO

/// At every single step the disk fails, or the power goes: what was acknowledged holds.
final class FileBackingCrashTests: XCTestCase {
    private static let ids = (0..<4).map { _ in SessionID() }

    private enum Step: Sendable {
        case save(Int, Int, user: String?)
        case touch(Int, Int64)
        case delete(Int)

        var session: Int {
            switch self {
            case .save(let session, _, _), .touch(let session, _), .delete(let session): session
            }
        }
    }

    /// Each line is a group that comes at once.
    private static let script: [[Step]] = [
        [.save(0, 1, user: "7"), .save(1, 1, user: "7")],
        [.save(0, 2, user: "7"), .touch(1, 1), .save(2, 1, user: nil)],
        [.delete(1), .save(2, 2, user: "8")],
        [.save(0, 3, user: "7"), .delete(0)],
        [.save(0, 4, user: "7")],
        [.touch(3, 1), .delete(3), .save(2, 3, user: "8"), .save(3, 1, user: "9")],
        [.touch(0, 1), .touch(0, 2), .delete(2)],
        [.delete(3), .save(0, 5, user: "7"), .save(1, 2, user: "7")],
    ]

    /// What is known of a session: what it must be, or what it may be.
    private struct Known {
        var settled: SessionRecord?
        var possible: [SessionRecord?] = []
        /// A deletion was tried: nobody may read it before it is saved again.
        var isRefused = false

        mutating func note(_ record: SessionRecord?, isAcknowledged: Bool) {
            if isAcknowledged {
                self = Known(settled: record)
            } else {
                possible.append(record)
                if record == nil { isRefused = true }
            }
        }
    }

    /// Runs the script; afterwards what is known of each session.
    private func play(_ bench: FileBackingBench) async -> [Known] {
        var known = [Known](repeating: Known(), count: Self.ids.count)
        for group in Self.script {
            let outcomes = await bench.run(group.map { step in { try await Self.run(step, $0) } })
            for (step, isDone) in zip(group, outcomes) {
                Self.note(step, isDone, &known[step.session])
            }
        }
        return known
    }

    private static func run(_ step: Step, _ backing: FileBacking) async throws {
        let id = ids[step.session]
        switch step {
        case .save(_, let number, let user):
            try await backing.save(.numbered(number, user: user), for: id)
        case .touch(_, let moment):
            try await backing.touch(id, lastSeenAt: 1_000 + moment, expiresAt: .farAway + moment)
        case .delete:
            try await backing.delete(id)
        }
    }

    private static func note(_ step: Step, _ isDone: Bool, _ known: inout Known) {
        switch step {
        case .save(_, let number, let user):
            known.note(.numbered(number, user: user), isAcknowledged: isDone)
        case .touch(_, let moment):
            let all: [SessionRecord?] = [known.settled] + known.possible
            let states: [SessionRecord] = all.compactMap { $0 }
            let touched = states.map { state in
                var record = state
                record.lastSeenAt = 1_000 + moment
                record.expiresAt = .farAway + moment
                return record
            }
            if isDone, known.settled != nil, !known.isRefused {
                known.note(touched.first, isAcknowledged: true)
            } else {
                known.possible += touched.map(Optional.some)
            }
        case .delete:
            known.note(nil, isAcknowledged: isDone)
        }
    }

    /// The program goes on after an error: the last state that was acknowledged is what it reads.
    private func checkLiving(
        _ bench: FileBackingBench,
        _ known: [Known],
        _ what: String
    ) async throws {
        for (session, known) in known.enumerated() {
            let record = try await bench.value { try await $0.load(Self.ids[session]) }
            let wanted = known.isRefused ? nil : known.settled
            XCTAssertEqual(record, wanted, "session \(session), \(what)")
        }
    }

    /// The program was started again: what was acknowledged is there, what was asked for may be.
    private func checkRestarted(_ disk: PaperDisk, _ known: [Known], _ what: String) async throws {
        let odd = try await oddities(disk, known)
        XCTAssertEqual(odd, [], what)
        try await checkUsable(disk, what)
    }

    /// What is not as it was said to be, in words.
    private func oddities(_ disk: PaperDisk, _ known: [Known]) async throws -> [String] {
        var odd: [String] = []
        let bench = try FileBackingBench(disk)
        for (session, known) in known.enumerated() {
            let id = Self.ids[session]
            let record = try await bench.value { try await $0.load(id) }
            if !([known.settled] + known.possible).contains(record) {
                odd.append("session \(session) is \(String(describing: record))")
            }
            for user in ["7", "8", "9"] {
                let isListed = try await bench.backing.sessions(of: user).contains(id)
                if isListed != (record?.userID == user) {
                    odd.append("session \(session) and user \(user)")
                }
            }
        }
        return odd + disk.allNames.filter { FileBackingName.parse($0) == nil }
    }

    /// And it goes on as if nothing had been: all is saved, ended and started once more.
    private func checkUsable(_ disk: PaperDisk, _ what: String) async throws {
        let bench = try FileBackingBench(disk)
        for id in Self.ids { try await bench.value { try await $0.save(.numbered(99), for: id) } }
        try await bench.value { try await $0.delete(Self.ids[0]) }
        let again = try FileBackingBench(disk.restarted(after: .everything))
        for (session, id) in Self.ids.enumerated() {
            let record = try await again.value { try await $0.load(id) }
            XCTAssertEqual(record?.number, session == 0 ? nil : 99, what)
        }
        XCTAssertEqual(again.backing.count, Self.ids.count - 1, what)
    }

    private static let losses: [PaperDisk.Loss] =
        [.nothing, .everything] + (0..<6).map { .random($0) }

    private func steps() async throws -> Int {
        let disk = PaperDisk()
        let bench = try FileBackingBench(disk)
        disk.set(.none)
        let known = await play(bench)
        try await checkLiving(bench, known, "without a fault")
        XCTAssertFalse(known.contains { !$0.possible.isEmpty })
        return disk.steps
    }

    func testAPowerLossAtAnyStepLosesNothingThatWasAcknowledged() async throws {
        let steps = try await steps()
        XCTAssertGreaterThan(steps, 80)
        for step in 0..<steps {
            for isDone in [false, true] {
                let disk = PaperDisk()
                let bench = try FileBackingBench(disk)
                disk.set(.powerOff(at: step, isDone: isDone))
                let known = await play(bench)
                for (number, loss) in Self.losses.enumerated() {
                    let what = "power off at \(step), done \(isDone), loss \(number)"
                    try await checkRestarted(disk.restarted(after: loss), known, what)
                }
            }
        }
    }

    func testASyncThatIsLeftOutIsNoticed() async throws {
        for lie in PaperDisk.Lie.allCases {
            var odd: [String] = []
            for step in 0..<(try await steps()) {
                let disk = PaperDisk()
                disk.set(lie)
                let bench = try FileBackingBench(disk)
                disk.set(.powerOff(at: step, isDone: true))
                let known = await play(bench)
                odd += try await oddities(disk.restarted(after: .everything), known)
            }
            XCTAssertGreaterThan(odd.count, 10, "\(lie)")
        }
    }

    func testAnOldStateDoesNotComeBackWhenAProcessWasKilledAndThePowerFailsLater() async throws {
        let id = Self.ids[0]
        for step in 0..<8 {
            for seed in UInt64(0)..<32 {
                let disk = PaperDisk()
                let killed = try FileBackingBench(disk)
                try await killed.value { try await $0.save(.numbered(1), for: id) }
                try await killed.value { try await $0.save(.numbered(2), for: id) }
                // Nothing the first one has left undone is done by anybody but the second.
                let next = try FileBackingBench(disk)
                disk.set(.powerOff(at: step, isDone: true))
                _ = await next.run([{ try await $0.delete(id) }])
                let last = try FileBackingBench(disk.restarted(after: .random(seed)))
                let kept = try await last.value { try await $0.load(id) }
                XCTAssertNotEqual(kept?.number, 1, "step \(step), seed \(seed)")
            }
        }
    }

    func testAFailureAtAnyStepKeepsTheOldStateAndLosesNothingLater() async throws {
        for step in 0..<(try await steps()) {
            for isDone in [false, true] {
                let disk = PaperDisk()
                let bench = try FileBackingBench(disk)
                disk.set(.failure(at: step, isDone: isDone))
                let known = await play(bench)
                disk.set(.none)
                let what = "failure at \(step), done \(isDone)"
                try await checkLiving(bench, known, what)
                for loss in Self.losses {
                    try await checkRestarted(disk.restarted(after: loss), known, what)
                }
            }
        }
    }

    func testADiskThatFailsFromAStepOnForGoodLosesNothing() async throws {
        for step in 0..<(try await steps()) {
            let disk = PaperDisk()
            let bench = try FileBackingBench(disk)
            disk.set(.failures(from: step))
            let known = await play(bench)
            disk.set(.none)
            let what = "failures from \(step)"
            try await checkLiving(bench, known, what)
            for loss in Self.losses {
                try await checkRestarted(disk.restarted(after: loss), known, what)
            }
        }
    }

    func testAPowerLossWhileADirectoryIsOpenedLosesNothing() async throws {
        for step in stride(from: 0, to: try await steps(), by: 3) {
            let disk = PaperDisk()
            let bench = try FileBackingBench(disk)
            disk.set(.powerOff(at: step, isDone: true))
            let known = await play(bench)
            for seed in 0..<3 as Range<UInt64> {
                var opening = 0
                var isOpen = false
                while !isOpen {
                    let second = disk.restarted(after: .random(seed))
                    second.set(.powerOff(at: opening, isDone: seed != 0))
                    isOpen = (try? FileBackingBench(second)) != nil
                    let what = "power off at \(step) and at \(opening) of the opening"
                    let third = second.restarted(after: .random(seed + 100))
                    try await checkRestarted(third, known, what)
                    opening += 1
                }
            }
        }
    }

    func testADeletionThatFailedIsDoneByTheNextOne() async throws {
        for step in 0..<4 {
            let disk = PaperDisk()
            let bench = try FileBackingBench(disk)
            let id = Self.ids[0]
            try await bench.value { try await $0.save(.numbered(1), for: id) }
            try await bench.value { try await $0.save(.numbered(2), for: id) }
            disk.set(.failure(at: step, isDone: false))
            let outcome = await bench.run([{ try await $0.delete(id) }])
            guard outcome == [false] else { continue }
            disk.set(.none)
            let listed = try await bench.backing.sessions(of: "7")
            XCTAssertEqual(listed, [id], "who wants to end it must find it")
            try await bench.value { try await $0.delete(id) }
            let left = try await bench.backing.sessions(of: "7")
            XCTAssertEqual(left, [])
            let again = try FileBackingBench(disk.restarted(after: .everything))
            XCTAssertEqual(again.backing.count, 0, "step \(step)")
        }
    }
}
