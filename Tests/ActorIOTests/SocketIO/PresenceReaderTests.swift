import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Those who read the changes of presence: late ones, slow ones, and their ends.
final class PresenceReaderTests: XCTestCase {
    func testALateReaderIsToldWhoIsOnlineAndThenMissesNothing() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let early = await PresenceDiary(server, io)
            let (john, jane) = (server.browser(), server.browser())
            try await john.logIn("john")
            try await jane.logIn("jane")
            let tab = try await john.connect()
            let other = try await jane.connect()
            await other.close()
            XCTAssertEqual(early.take(), ["+1", "+2"])
            let late = await PresenceDiary(server, io)
            XCTAssertEqual(late.take().sorted(), ["+1", "+2"], "who may be back is not gone")
            await clock.advance(by: .seconds(5))
            await tab.close()
            await clock.advance(by: .seconds(5))
            XCTAssertEqual(early.take(), ["-2", "-1"])
            XCTAssertEqual(late.take(), ["-2", "-1"])
        }
    }

    func testASlowReaderHearsTheNewestStateOfEachUserAndNothingTwice() async throws {
        var options = quiet
        options.presenceGrace = .zero
        options.presenceBuffer = 3
        let (app, io, _) = makePresenceExample(options)
        try await withTestServer(app, io) { server in
            let pace = Gate()
            let slow = await PresenceDiary(server, io, pace: pace)
            let prompt = await PresenceDiary(server, io)
            let (john, jane) = (server.browser(), server.browser())
            try await john.logIn("john")
            try await jane.logIn("jane")
            for _ in 0..<4 {
                let tab = try await john.connect()
                await tab.close()
                await server.rest()
            }
            _ = try await jane.connect()
            pace.open()
            await server.rest()
            XCTAssertEqual(slow.take(), ["+2"])
            XCTAssertEqual(prompt.take().count, 9)
            _ = try await john.connect()
            XCTAssertEqual(slow.take(), ["+1"])
        }
    }

    func testReadersEndWithTheServerAndAreToldNothingOfItsEnd() async throws {
        var options = quiet
        options.presenceGrace = .zero
        let (app, io, _) = makePresenceExample(options)
        let notes = Locked<PresenceDiary?>(nil)
        try await withTestServer(app, io) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            _ = try await browser.connect()
            XCTAssertEqual(diary.take(), ["+1"])
            notes.withLock { $0 = diary }
        }
        XCTAssertEqual(notes.withLock { $0 }?.take(), ["end"])
        let isWatched = await within(io.core.registry) { $0.connections.watch != nil }
        XCTAssertFalse(isWatched)
    }

    func testAReaderThatBeginsBeforeTheServerReadsWhenItRuns() async throws {
        let (app, io, _) = makePresenceExample()
        var changes = io.presenceChanges.makeAsyncIterator()
        _ = await io.onlineUserCount
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            _ = try await browser.connect()
        }
        let first = await changes.next()
        XCTAssertEqual(first, PresenceChange(room: .user(1), isOnline: true))
        let second = await changes.next()
        XCTAssertNil(second)
    }

    func testTheSameServerMayRunAgainForNewReaders() async throws {
        let (app, io, _) = makePresenceExample()
        for _ in 0..<2 {
            try await withTestServer(app, io) { server in
                let diary = await PresenceDiary(server, io)
                let browser = server.browser()
                try await browser.logIn()
                _ = try await browser.connect()
                XCTAssertEqual(diary.take(), ["+1"])
                try await browser.post("/logout")
                await server.rest()
                XCTAssertEqual(diary.take(), ["-1"])
            }
        }
    }

    func testAReaderWhoseTaskIsCancelledLeavesNothingBehind() async throws {
        let clock = ManualClock()
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io, clock: clock) { server in
            let diary = await PresenceDiary(server, io)
            let browser = server.browser()
            try await browser.logIn()
            let tab = try await browser.connect()
            await tab.close()
            let kept = try await server.presenceNotes(io)
            XCTAssertEqual(kept, 1)
            diary.cancel()
            await server.rest()
            XCTAssertEqual(diary.take(), ["+1", "end"])
            let left = try await server.presenceNotes(io)
            XCTAssertNil(left)
        }
    }

    func testALoopThatIsLeftLeavesNothingBehind() async throws {
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            _ = try await browser.connect()
            let first = try await server.act { () -> String? in
                for await change in io.presenceChanges { return change.userID }
                return nil
            }
            XCTAssertEqual(first, "1")
            let left = try await server.presenceNotes(io)
            XCTAssertNil(left)
        }
    }

    func testWithoutReadersNothingIsKeptOfThoseWhoLeave() async throws {
        let (app, io, _) = makePresenceExample()
        try await withTestServer(app, io) { server in
            let browser = server.browser()
            try await browser.logIn()
            for _ in 0..<3 {
                let tab = try await browser.connect()
                await tab.close()
            }
            try await browser.post("/logout")
            await server.rest()
            let isEmpty = try await server.run { await io.core.registry.isEmpty }
            XCTAssertTrue(isEmpty)
            let (online, notes) = (
                try await server.run { await io.onlineUserCount },
                try await server.presenceNotes(io)
            )
            XCTAssertEqual(online, 0)
            XCTAssertNil(notes)
        }
    }
}
