import XCTest

@testable import ActorIO

final class UpgradeProbeTests: XCTestCase {
    func testAnswersTheProbeAndThenTakesOver() {
        var probe = UpgradeProbe()
        XCTAssertFalse(probe.endsPolls)
        XCTAssertEqual(probe.received(.ping(probe: true)), .answer)
        XCTAssertTrue(probe.endsPolls)
        XCTAssertEqual(probe.received(.upgrade), .takeOver)
        XCTAssertFalse(probe.endsPolls)
        XCTAssertTrue(probe.isOver)
    }

    func testAnUpgradeBeforeTheProbeLeavesPollingAlone() {
        var probe = UpgradeProbe()
        XCTAssertEqual(probe.received(.upgrade), .abandon)
        XCTAssertTrue(probe.isOver)
    }

    func testAnythingElseIsTheEndOfTheProbe() {
        let others: [EnginePacket] = [
            .open([]), .close, .ping(probe: false), .pong(probe: true), .pong(probe: false),
            .message([0x34]), .binary([1]), .noop,
        ]
        for packet in others {
            var silent = UpgradeProbe()
            XCTAssertEqual(silent.received(packet), .abandon)
            var probed = UpgradeProbe()
            XCTAssertEqual(probed.received(.ping(probe: true)), .answer)
            XCTAssertEqual(probed.received(packet), .abandon)
            XCTAssertFalse(probed.endsPolls)
        }
    }

    func testAThousandProbesAreAnsweredOnce() {
        var probe = UpgradeProbe()
        let actions = (0..<1_000).map { _ in probe.received(.ping(probe: true)) }
        XCTAssertEqual(actions.filter { $0 == .answer }.count, 1)
        XCTAssertEqual(actions.filter { $0 == .abandon }.count, 1)
    }

    func testSilenceAfterTheProbeEndsIt() {
        var probe = UpgradeProbe()
        XCTAssertEqual(probe.received(.ping(probe: true)), .answer)
        XCTAssertEqual(probe.abandon(), .abandon)
        XCTAssertEqual(probe.abandon(), .none)
        XCTAssertEqual(probe.received(.upgrade), .none, "too late")
    }

    func testTheDeadlineAfterTakingOverDoesNothing() {
        var probe = UpgradeProbe()
        _ = probe.received(.ping(probe: true))
        _ = probe.received(.upgrade)
        XCTAssertEqual(probe.abandon(), .none)
    }
}
