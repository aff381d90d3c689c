import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The lists of hostile packets and of hostile JSON, each entry however its bytes are cut.
///
/// Each gets the stated answer; a bystander of the same server notices nothing; and when the client
/// is gone, so is everything of it.
final class HostileListTests: XCTestCase {
    /// Entries that are no message but a story of their own, and the tests that tell it.
    static let stories: [Int: [String]] = [
        111: ["ConnectTimeoutTests.testAttachmentsThatNeverComeAreWaitedForThirtySecondsExactly"],
        126: ["RoomTests.testRoomsAreComparedByTheirBytes"],
        127: [
            "DisconnectTests.testASocketThatHasLeftSendsAndJoinsNothing",
            "LogoutGateTests.testANamespaceThatIsStillDecidingIsEndedWithTheSession",
            "LogoutStepTests.testALogoutAtEveryStepOfAWebSocketsWayIn",
            "LifecycleTests.testASocketThatEndsInTheMiddleOfABroadcastChangesNothingForTheOthers",
        ],
        128: [
            "BudgetTests.testSixtyFourUnfinishedHandlersStopTheReadingOfAWebSocketUntilOneEnds",
            "BudgetTests.testSixtyFourUnfinishedHandlersHoldAPostUntilOneEnds",
        ],
        129: [
            "EventTests.testAHandlerThatThrowsFailsItsOwnEventOnly",
            "DisconnectTests.testHandlersAreCancelledWhenTheirSocketLeaves",
        ],
    ]

    private func everyEntry(
        _ say: (HostileServer, Hostile) throws -> Void
    ) rethrows {
        let server = HostileServer()
        defer { server.end() }
        for entry in HostileTable.entries {
            try say(server, entry)
            server.checkIsClean(entry.name)
        }
        XCTAssertEqual(server.notes.all.filter { !$0.hasPrefix("answer ") }, [])
    }

    /// Says an entry on a connection of its own, and looks at what comes back.
    private func say(
        _ entry: Hostile,
        to server: HostileServer,
        _ how: String,
        _ tell: (HostileClient) -> Void
    ) {
        let client = server.client()
        client.openWebSocket(isJoined: entry.isJoined)
        server.watch()
        tell(client)
        let got = client.take()
        let what = "\(entry.name) \(how)"
        switch entry.answer {
        case .closes: XCTAssertEqual(got.last, "close", what)
        case .ignored: XCTAssertEqual(got, [], what)
        case .says(let texts): XCTAssertEqual(got, texts, what)
        }
        if entry.answer != .closes {
            client.say(["40/idle,"])
            XCTAssertTrue(
                ["40/idle,{\"sid\":\"SID\"}", "close"].contains(client.take().first),
                what
            )
        }
        client.leave()
    }

    /// Every position; of longer texts those near both ends and some between, of very long ones the
    /// middle.
    private func cuts(_ count: Int, isLong: Bool) -> [Int] {
        guard !isLong else { return [count / 2] }
        return (1..<max(count, 1)).filter { cut in
            count <= 500 || cut < 30 || count - cut < 15 || cut % 23 == 0
        }
    }

    func testInOneWrite() {
        everyEntry { server, entry in
            say(entry, to: server, "in one write") { $0.say(entry.messages) }
        }
    }

    func testByteByByte() {
        everyEntry { server, entry in
            say(entry, to: server, "byte by byte") {
                $0.tellByteByByte(entry.messages.flatMap(\.frame))
            }
        }
    }

    func testInTwoWritesCutAtEveryPosition() {
        everyEntry { server, entry in
            let bytes = entry.messages.flatMap(\.frame)
            for cut in cuts(bytes.count, isLong: entry.isLong) {
                say(entry, to: server, "cut at \(cut)") { $0.tell(bytes, cutAt: cut) }
            }
        }
    }

    func testInTwoFragmentsCutAtEveryPosition() {
        everyEntry { server, entry in
            for (index, message) in entry.messages.enumerated() {
                for cut in cuts(message.payload.count + 1, isLong: entry.isLong) {
                    guard cut < message.payload.count else { continue }
                    let bytes = entry.messages.enumerated().flatMap { place, other in
                        place == index ? other.fragments(cutAt: cut) : other.frame
                    }
                    say(entry, to: server, "fragment \(index) at \(cut)") { $0.tell(bytes) }
                }
            }
        }
    }

    // Polling

    private func post(
        _ entry: Hostile,
        to server: HostileServer,
        _ how: String,
        _ tell: (HostileClient, [UInt8], Int) -> Void
    ) throws {
        let (client, poller) = (server.client(), server.client())
        try client.openPolling(isJoined: entry.isJoined)
        server.watch()
        poller.poll(of: client)
        let body = Array(entry.messages.map(\.packet).joined(separator: [0x1E]))
        let request = client.post(body)
        let before = entry.isJoined ? 3 : 1
        tell(client, request, request.count - body.count)
        let what = "\(entry.name) \(how)"
        XCTAssertEqual(client.answer(before + 1), "200 ok", what)
        switch entry.answer {
        case .closes: XCTAssertTrue(poller.answer(1)?.hasSuffix("1") == true, what)
        case .ignored: XCTAssertNil(poller.answer(1), what)
        case .says(let texts):
            if poller.answer(1)?.hasSuffix(texts.last ?? "") == false { poller.poll(of: client) }
            let got = [poller.answer(1), poller.answer(2)].compactMap { $0?.dropFirst(4) }
            XCTAssertEqual(got.joined(separator: "\u{1E}"), texts.joined(separator: "\u{1E}"), what)
        }
        if entry.answer != .closes { client.tell(client.post([UInt8](ascii: "1"))) }
        client.leave()
        poller.leave()
    }

    func testInOnePost() throws {
        try everyEntry { server, entry in
            try post(entry, to: server, "in one POST") { client, bytes, _ in client.tell(bytes) }
        }
    }

    func testInAPostByteByByte() throws {
        try everyEntry { server, entry in
            try post(entry, to: server, "in a POST, byte by byte") { client, bytes, head in
                client.tell(Array(bytes[..<head]))
                client.tellByteByByte(Array(bytes[head...]))
            }
        }
    }

    func testInAPostCutAtEveryPosition() throws {
        try everyEntry { server, entry in
            let count = entry.messages.map(\.packet.count).reduce(entry.messages.count - 1, +)
            for cut in cuts(count, isLong: entry.isLong) {
                try post(entry, to: server, "in a POST cut at \(cut)") { client, bytes, head in
                    client.tell(bytes, cutAt: head + cut)
                }
            }
        }
    }

    // The list

    func testEveryNumberOfTheListsHasAnEntryOrAStoryThatExists() {
        let numbers = Set(HostileTable.entries.map(\.number)).union(Self.stories.keys)
        // Recovery has a list of its own.
        XCTAssertEqual(Set(109...137).subtracting(numbers), [125])
        let known = FeatureTable.testNames(SourceText.files(in: ["Tests/ActorIOTests"]))
        XCTAssertEqual(Self.stories.values.joined().filter { !known.contains($0) }, [])
    }

    func testTwentyThousandCONNECTsToNowhereLeaveNothingBehind() {
        let server = HostileServer()
        defer { server.end() }
        let client = server.client()
        client.openWebSocket(isJoined: false)
        server.watch()
        for batch in 0..<200 {
            client.say((0..<100).map { .text("40/\(batch)-\($0),") })
            XCTAssertEqual(client.take().count, 100)
        }
        client.say([.text("40")])
        XCTAssertEqual(client.take(), ["40{\"sid\":\"SID\"}"])
        client.leave()
        server.checkIsClean("namespaces nobody has")
    }

    func testALongListCostsTimeInProportionToItsLength() {
        func time(_ count: Int) -> Duration {
            let server = HostileServer()
            defer { server.end() }
            let client = server.client()
            client.openWebSocket(isJoined: true)
            let list = String(repeating: "11111111,", count: count - 1) + "1"
            let message = Said.text("420[\"many\",[" + list + "]]")
            client.say([message])
            defer { XCTAssertEqual(client.take(), ["430[\(count)]", "430[\(count)]"]) }
            return threadTime { client.say([message]) }
        }
        let (short, long) = (time(9_000), time(90_000))
        XCTAssertLessThan(long, max(short, .milliseconds(1)) * 60)
    }
}
