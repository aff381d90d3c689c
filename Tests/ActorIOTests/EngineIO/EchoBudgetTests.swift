import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// A client that asks for more answers than it takes is read more slowly, and not closed.
final class EchoBudgetTests: XCTestCase {
    private static let text = String(repeating: "x", count: 300_000)

    func testAPostThatAsksForMoreThanMayWaitIsTakenAsFastAsItsAnswersAreFetched() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            let body = (0..<1_500).map { "42[\"echo\",\"\($0)\"]" }.joined(separator: "\u{1E}")
            let post = try await session.post(body)
            XCTAssertNil(post.response)
            var got: [String] = []
            while got.count < 1_500 {
                let poll = try await session.poll()
                guard let body = poll.body, poll.response?.status == 200 else {
                    return XCTFail("\(got.count): \(poll.body ?? "no answer")")
                }
                got += body.split(separator: "\u{1E}").map(String.init)
            }
            XCTAssertEqual(got.last, "42[\"echo\",\"1499\"]")
            XCTAssertEqual(got, (0..<1_500).map { "42[\"echo\",\"\($0)\"]" })
            XCTAssertEqual(post.body, "ok")
            XCTAssertEqual(notes.all, [])
        }
    }

    func testLargeAnswersToAPostWaitForEachOther() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let session = try await server.browser().handshake()
            try await session.join()
            var posts: [Wire] = []
            for _ in 0..<3 {
                let body = Array(repeating: "42[\"echo\",\"\(Self.text)\"]", count: 3)
                posts.append(try await session.post(body.joined(separator: "\u{1E}")))
                var got = 0
                while got < 3 {
                    let poll = try await session.poll()
                    XCTAssertEqual(poll.response?.status, 200)
                    got += poll.body?.split(separator: "\u{1E}").count ?? 3
                }
            }
            XCTAssertEqual(posts.map(\.body), ["ok", "ok", "ok"])
            XCTAssertEqual(notes.all, [])
        }
    }

    func testAWebSocketThatIsNotReadIsReadNoFurtherUntilItIs() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.stream.setReading(false)
            for number in 0..<20 {
                await wire.say("42[\"echo\",\"\(Self.text)\"]", "42[\"note\",\"\(number)\"]")
            }
            XCTAssertLessThan(notes.count, 10)
            XCTAssertEqual(notes.all, (0..<notes.count).map { "\($0)" })
            await wire.stream.setReading(true)
            await wire.rest()
            XCTAssertEqual(wire.take().count, 20)
            XCTAssertEqual(notes.all, (0..<20).map { "\($0)" })
        }
    }

    func testManySmallAnswersThatAreNotTakenAreNoReasonToCloseEither() async throws {
        let notes = Notes()
        try await withTestServer(App(), PollingTests.server(notes)) { server in
            let wire = try await server.browser().joined()
            await wire.stream.setReading(false)
            let filler = String(repeating: "y", count: 100)
            for number in 0..<3_000 { await wire.say("42[\"echo\",\"\(filler)\(number)\"]") }
            XCTAssertEqual(notes.all, [])
            await wire.stream.setReading(true)
            await wire.rest()
            XCTAssertEqual(
                wire.take(),
                (0..<3_000).map { "42[\"echo\",\"\(filler)\($0)\"]" }
            )
        }
    }

    func testWhoAsksAndNeverReadsIsClosedAtThePingTimeout() async throws {
        let (notes, clock) = (Notes(), ManualClock())
        try await withTestServer(App(), PollingTests.server(notes), clock: clock) { server in
            let wire = try await server.browser().joined()
            await wire.stream.setReading(false)
            for _ in 0..<20 { await wire.say("42[\"echo\",\"\(Self.text)\"]") }
            await clock.advance(by: .seconds(44))
            XCTAssertEqual(notes.all, [])
            await clock.advance(by: .seconds(1))
            XCTAssertEqual(notes.all, ["end: ping timeout"])
        }
    }

    func testWhoAsksAndLeavesWhileItIsNotReadIsNoticed() async throws {
        let notes = Notes()
        let io = PollingTests.server(notes)
        try await withTestServer(App(), io) { server in
            let wire = try await server.browser().joined()
            await wire.stream.setReading(false)
            for _ in 0..<20 { await wire.say("42[\"echo\",\"\(Self.text)\"]") }
            await wire.stream.reset()
            await wire.rest()
            XCTAssertEqual(notes.count, 1)
            let count = try await server.run { await io.clientCount }
            XCTAssertEqual(count, 0)
        }
    }
}
