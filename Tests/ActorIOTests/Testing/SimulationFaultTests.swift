import ActorIOTesting
import Dispatch
import XCTest

@testable import ActorIO

/// What a simulation does to its runs, and what it can not have.
final class SimulationFaultTests: XCTestCase {
    func testNetworksFailInAllTheirWays() async throws {
        let words = [
            "is reset", "stalls for", "ends before its time", "1 of ", "the end arrives", "time: ",
        ]
        var missing = Set(words)
        for seed in 1...100 where !missing.isEmpty {
            let run = Simulation(seed: UInt64(seed)) { $0.faults.halfCloses = 200 }
            let text = await run.trace(Toy.site).joined()
            missing = missing.filter { !text.contains($0) }
        }
        XCTAssertEqual(missing, [])
        let spoiled = try await Simulation(schedules: 30).run(Toy.site)
        XCTAssertGreaterThan(spoiled.faults, 0)
        let fine = try await Simulation(schedules: 30) { $0.faults = .none }.run(Toy.site)
        XCTAssertEqual(fine.faults, 0)
        XCTAssertGreaterThan(fine.connections, 100)
    }

    func testABackingIsSlowFailsAndFailsAfterTheDeed() async throws {
        let notes = Notes()
        try await Simulation(schedules: 40) { $0.loops = 1...1 }.run { world in
            var faults = ActorIOTesting.FaultyBacking.Faults()
            (faults.failing, faults.torn) = (200, 200)
            let backing = ActorIOTesting.FaultyBacking(world, faults: faults)
            world.spawn("store") { player in
                let id = try XCTUnwrap(SessionID(String(repeating: "A", count: 32)))
                let record = SessionRecord(
                    createdAt: 0,
                    lastSeenAt: 0,
                    expiresAt: 1,
                    address: "",
                    userAgent: "",
                    values: [:]
                )
                do {
                    try await backing.save(record, for: id)
                    notes.add("saved")
                } catch {
                    let isKept = await backing.ids == [id]
                    notes.add(isKept ? "torn" : "failed")
                }
            }
        }
        XCTAssertEqual(Set(notes.all), ["saved", "torn", "failed"])
    }

    func testWorkThatLeavesTheSimulationIsReported() async throws {
        let outside = Outside()
        do {
            try await Simulation(schedules: 1).run { world in
                world.spawn("waiting") { _ in
                    await withCheckedContinuation { outside.hold($0) }
                }
                // When it comes first, the other one waits in vain, which is reported as well.
                world.spawn("calling") { _ in outside.callBack() }
            }
            XCTFail("nobody noticed")
        } catch let failure as SimulationFailure {
            XCTAssertTrue(
                failure.message.contains("outside of the simulation")
                    || failure.message.contains("no lane can bring"),
                failure.message
            )
        }
        outside.callBack()
    }

    /// Calls those back who wait, from a thread of Dispatch, and returns when it has.
    private final class Outside: Sendable {
        private let waiting = Locked<[CheckedContinuation<Void, Never>]>([])

        func hold(_ continuation: CheckedContinuation<Void, Never>) {
            waiting.withLock { $0.append(continuation) }
        }

        func callBack() {
            let done = DispatchSemaphore(value: 0)
            DispatchQueue.global().async { [self] in
                let all = waiting.withLock { waiting in
                    defer { waiting = [] }
                    return waiting
                }
                for continuation in all { continuation.resume() }
                done.signal()
            }
            done.wait()
        }
    }

    func testWhoWaitsForNobodyIsNamed() async throws {
        do {
            try await Simulation(schedules: 1).run { world in
                let gate = Gate()
                world.spawn("jane") { _ in await gate.pass() }
                world.spawn("john") { _ in }
                world.always("the gate is shut") { gate.arrivals < 2 }
            }
            XCTFail("nobody noticed")
        } catch let failure as SimulationFailure {
            XCTAssertTrue(failure.message.hasPrefix("jane waits for"), failure.message)
        }
    }

    func testTasksWithoutAnActorAndPlainActorsAreInTheSimulation() async throws {
        let orders = Notes()
        let report = try await Simulation(schedules: 60).run { world in
            let seen = Notes()
            world.spawn("parent") { player in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<3 {
                        group.addTask { seen.add("\(number)") }
                    }
                }
                let work = Task.detached { await Self.away() }
                let result = await work.value
                if result != 3 { world.fail("away came back with \(result)") }
                orders.add(seen.all.joined())
            }
        }
        XCTAssertEqual(report.schedules, 60)
        XCTAssertEqual(Set(orders.all).count, 6, "all orders of three children")
    }

    @concurrent
    private static func away() async -> Int { 3 }

    func testTimePassesAtOnce() async throws {
        let report = try await Simulation(schedules: 1) { $0.longest = .seconds(200_000) }.run {
            world in
            world.spawn("sleeper") { player in await player.rest(for: .seconds(86_400)) }
        }
        XCTAssertLessThan(report.steps, 50)
    }

    func testWhatAWorkloadThrowsFailsTheRunUnlessItIsTheNetwork() async throws {
        struct Broken: Error {}
        try await Simulation(schedules: 1).run { world in
            world.spawn("john") { _ in throw ConnectionLost() }
        }
        do {
            try await Simulation(schedules: 1).run { world in
                world.spawn("john") { _ in throw Broken() }
            }
            XCTFail("nobody noticed")
        } catch let failure as SimulationFailure {
            XCTAssertEqual(failure.message, "john threw Broken()")
            XCTAssertEqual(failure.seed, 1)
        }
    }

    func testATaskThatNeverEndsIsFoundAtTheEnd() async throws {
        do {
            try await Simulation(schedules: 1) { $0.faults = .none }.run { world in
                let gate = Gate()
                var app = App()
                app.log = .disabled
                app.get("/wait") { _ in
                    await gate.pass()
                    return .text("never")
                }
                let server = try await world.serve(app)
                world.spawn("john") { player in
                    let browser = player.browser(server)
                    let answer = Task { try? await browser.get("/wait") }
                    await player.rest(for: .seconds(1))
                    answer.cancel()
                }
                world.always("the gate is shut") { gate.arrivals < 2 }
            }
            XCTFail("nobody noticed")
        } catch let failure as SimulationFailure {
            XCTAssertTrue(failure.message.contains("tasks are left"), failure.message)
        }
    }
}
