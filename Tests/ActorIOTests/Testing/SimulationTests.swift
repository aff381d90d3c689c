import ActorIO
import ActorIOTesting
import XCTest

/// The scheduler, on a toy: four tasks and a till that looks before it takes.
final class SimulationTests: XCTestCase {
    func testTheSameSeedIsTheSameRunAndAnotherSeedIsAnother() async throws {
        let first = await Simulation(seed: 7).trace(Toy.site)
        let again = await Simulation(seed: 7).trace(Toy.site)
        XCTAssertGreaterThan(first.count, 50)
        XCTAssertEqual(first, again)
        let other = await Simulation(seed: 8).trace(Toy.site)
        XCTAssertNotEqual(first, other)
        let many = try await Simulation(schedules: 20, seed: 1).run(Toy.site)
        let manyAgain = try await Simulation(schedules: 20, seed: 1).run(Toy.site)
        XCTAssertEqual(many, manyAgain)
    }

    func testARaceBetweenTwoOfFourTasksIsFoundAndMadeSmall() async throws {
        do {
            try await Simulation(schedules: 1_000, seed: 1).run { Toy.shop($0, isSafe: false) }
            XCTFail("nothing was found")
        } catch let failure as SimulationFailure {
            XCTAssertEqual(failure.message, "it does not hold that nothing is sold twice")
            // Two of the four tasks are enough.
            XCTAssertTrue(failure.replay.contains("/without"), failure.replay)
            XCTAssertLessThan(failure.trace.count, 20, "\(failure)")
            let replay = try XCTUnwrap(Simulation(replaying: failure.replay))
            do {
                try await replay.run { Toy.shop($0, isSafe: false) }
                XCTFail("it does not repeat")
            } catch let again as SimulationFailure {
                XCTAssertEqual(again.trace, failure.trace)
            }
        }
    }

    func testWhereNoRaceIsNoneIsFound() async throws {
        let report = try await Simulation(schedules: 500, seed: 1).run {
            Toy.shop($0, isSafe: true)
        }
        XCTAssertEqual(report.schedules, 500)
    }
}

enum Toy {
    /// The last ticket, and how often it was sold.
    actor Till {
        private(set) var left = 1
        let sold: Counter

        init(_ sold: Counter) { self.sold = sold }

        func take() {
            left -= 1
            sold.add()
        }

        func takeIfAny() {
            if left > 0 { take() }
        }
    }

    static func shop(_ world: World, isSafe: Bool) {
        let sold = Counter()
        let till = Till(sold)
        for number in 0..<4 {
            world.spawn("buyer \(number)") { buyer in
                await buyer.yield()
                if isSafe {
                    await till.takeIfAny()
                } else if await till.left > 0 {
                    await till.take()
                }
            }
        }
        world.always("nothing is sold twice") { sold.value <= 1 }
    }

    /// A site with a login, on which two people come and go.
    @Sendable
    static func site(_ world: World) async throws {
        let (app, io, _) = makePassportExample()
        let server = try await world.serve(app, io)
        for name in ["john", "jane"] {
            world.spawn(name) { player in
                let browser = player.browser(server)
                try? await browser.logIn(name)
                let tab = try? await browser.connect(transport: .upgrade)
                _ = try? await tab?.call(Chat.whoami)
                player.note("logs out")
                // A network that fails may keep it from logging out.
                guard (try? await browser.post("/logout"))?.status == 204 else { return }
                _ = await tab?.disconnected
            }
        }
    }
}

final class Counter: Sendable {
    private let count = Notes()
    var value: Int { count.all.count }
    func add() { count.add("one") }
}
