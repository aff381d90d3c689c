import XCTest

@testable import ActorIO

/// Sockets that are away: how many, how long, and who may have them back.
final class SavedSocketsTests: XCTestCase {
    private func time(_ seconds: Int) -> LoopTime {
        LoopTime(nanoseconds: 0) + .seconds(seconds)
    }

    private func socket(
        until seconds: Int,
        pid: RecoveryID = RecoveryID(),
        space: ByteString = "/",
        login: SavedLogin = SavedLogin(session: nil, user: nil),
        rooms: Set<Room> = []
    ) -> SavedSocket {
        SavedSocket(
            id: SocketID(),
            pid: pid,
            space: space,
            login: login,
            rooms: rooms,
            connectionRooms: [],
            trail: RoomTrail(start: 0),
            values: 0,
            until: time(seconds)
        )
    }

    func testWhoIsSavedIsFoundUntilItIsTaken() {
        var saved = SavedSockets(limit: 10)
        let one = socket(until: 10)
        saved.insert(one)
        XCTAssertEqual(saved[one.pid]?.id, one.id)
        XCTAssertTrue(saved.contains(one.id))
        XCTAssertEqual(saved.remove(one.pid)?.id, one.id)
        XCTAssertNil(saved.remove(one.pid))
        XCTAssertFalse(saved.contains(one.id))
    }

    func testTheOldestMakeRoom() {
        var saved = SavedSockets(limit: 2)
        let all = (1...3).map { socket(until: $0) }
        for one in all { saved.insert(one) }
        XCTAssertEqual(saved.count, 2)
        XCTAssertNil(saved[all[0].pid])
        XCTAssertNotNil(saved[all[2].pid])
    }

    func testALimitOfZeroKeepsNobody() {
        var saved = SavedSockets(limit: 0)
        saved.insert(socket(until: 10))
        XCTAssertEqual(saved.count, 0)
    }

    func testTimeEndsThemAtTheirMomentAndNotBefore() {
        var saved = SavedSockets(limit: 10)
        saved.insert(socket(until: 10))
        saved.insert(socket(until: 20))
        saved.expire(time(9))
        XCTAssertEqual(saved.count, 2)
        saved.expire(time(10))
        XCTAssertEqual(saved.count, 1)
        saved.expire(time(20))
        XCTAssertEqual(saved.count, 0)
    }

    func testASocketThatCameBackAndLeftAgainHasItsNewTime() {
        var saved = SavedSockets(limit: 10)
        let pid = RecoveryID()
        saved.insert(socket(until: 10, pid: pid))
        saved.remove(pid)
        saved.insert(socket(until: 20, pid: pid))
        saved.expire(time(10))
        XCTAssertNotNil(saved[pid])
        saved.expire(time(20))
        XCTAssertNil(saved[pid])
    }

    func testSocketsThatComeAndGoLeaveNothingBehind() {
        var saved = SavedSockets(limit: 10)
        for round in 1...10_000 {
            let one = socket(until: round)
            saved.insert(one)
            saved.remove(one.pid)
        }
        XCTAssertEqual(saved.count, 0)
        XCTAssertLessThan(saved.noteCount, 200)
    }

    func testSomeAreFoundAndChanged() {
        var saved = SavedSockets(limit: 10)
        let (one, two) = (socket(until: 10, rooms: ["a"]), socket(until: 10, rooms: ["b"]))
        saved.insert(one)
        saved.insert(two)
        XCTAssertEqual(saved.found { $0.isIn("a") }, [one.pid])
        XCTAssertEqual(saved.found { $0.isIn(.socket(two.id)) }, [two.pid])
        saved.update(one.pid) { $0.rooms = [] }
        XCTAssertEqual(saved[one.pid]?.rooms, [])
        XCTAssertEqual(saved.found { $0.isIn("a") }, [])
    }

    func testARoomWithTheNameOfASocketAsksThatSocketUnlessOthersMayBeInIt() {
        var saved = SavedSockets(limit: 100)
        let all = (1...20).map { _ in socket(until: 10) }
        for one in all { saved.insert(one) }
        let id = all[7].id
        func find() -> (found: [RecoveryID], asked: Int) {
            var asked = 0
            let found = saved.found(named: id) { socket in
                asked += 1
                return socket.isIn(.socket(id))
            }
            return (found, asked)
        }
        XCTAssertEqual(find().found, [all[7].pid])
        XCTAssertEqual(find().asked, 1)
        saved.update(all[3].pid) { $0.rooms = [.socket(id)] }
        XCTAssertEqual(Set(find().found), [all[3].pid, all[7].pid])
        saved.remove(all[3].pid)
        XCTAssertEqual(find().asked, 1)
        let guest = socket(until: 10, rooms: [.socket(id)])
        saved.insert(guest)
        XCTAssertEqual(Set(find().found), [guest.pid, all[7].pid])
        saved.expire(time(10))
        XCTAssertEqual(find().asked, 0)
    }

    func testRoomsOfOneWhoIsAwayChangeWithinTheLimit() {
        var one = socket(until: 10, rooms: ["a"])
        func change(_ room: Room, _ isJoin: Bool) {
            let change = RoomTrail.Change(position: 1, time: time(0), room: room, isJoin: isJoin)
            one.note(change, limit: 2, horizon: time(-1))
        }
        change("b", true)
        change("c", true)
        XCTAssertEqual(one.rooms, ["a", "b"])
        change("a", false)
        change("a", false)
        change("b", true)
        XCTAssertEqual(one.rooms, ["b"])
        XCTAssertEqual(one.trail.changes.map(\.room), ["b", "a"])
    }

    // The store

    private func store(_ configure: (inout RecoveryStore.Limits) -> Void = { _ in })
        -> RecoveryStore
    {
        var limits = RecoveryStore.Limits()
        configure(&limits)
        return RecoveryStore(limits)
    }

    private let nobody = SavedLogin(session: nil, user: nil)

    func testASocketIsTakenOnce() {
        let store = store()
        let one = socket(until: 10)
        store.save(one, now: time(0))
        let now = time(9)
        XCTAssertNotNil(store.take(one.pid, after: nil, in: "/", as: nobody, now: now))
        XCTAssertNil(store.take(one.pid, after: nil, in: "/", as: nobody, now: now))
        XCTAssertTrue(store.expects(one.id))
    }

    func testWhatDoesNotFitTakesNothing() {
        let store = store()
        let mine = SavedLogin(session: SessionID(), user: "7")
        let one = socket(until: 10, login: mine)
        store.save(one, now: time(0))
        let now = time(1)
        let other = SavedLogin(session: SessionID(), user: "7")
        let renamed = SavedLogin(session: mine.session, user: "8")
        XCTAssertNil(store.take(RecoveryID(), after: nil, in: "/", as: mine, now: now))
        XCTAssertNil(store.take(one.pid, after: nil, in: "/b", as: mine, now: now))
        XCTAssertNil(store.take(one.pid, after: nil, in: "/", as: nobody, now: now))
        XCTAssertNil(store.take(one.pid, after: nil, in: "/", as: other, now: now))
        XCTAssertNil(store.take(one.pid, after: nil, in: "/", as: renamed, now: now))
        XCTAssertNil(store.take(one.pid, after: "other", in: "/", as: mine, now: now))
        XCTAssertNotNil(store.take(one.pid, after: nil, in: "/", as: mine, now: now))
        let late = socket(until: 10)
        store.save(late, now: time(0))
        XCTAssertNil(store.take(late.pid, after: nil, in: "/", as: nobody, now: time(10)))
    }

    func testTheEndOfASessionForgetsItsSocketsAndThoseThatAreLeaving() {
        let store = store()
        let ended = SavedLogin(session: SessionID(), user: "7")
        let living = SavedLogin(session: SessionID(), user: "7")
        let all = [ended, living].map { socket(until: 10, login: $0) }
        for one in all { store.save(one, now: time(0)) }
        let leaving = [ended, living].map { socket(until: 10, login: $0) }
        for one in leaving { store.hold(one) }
        store.forget(ended.session ?? SessionID())
        XCTAssertNil(store.take(all[0].pid, after: nil, in: "/", as: ended, now: time(1)))
        XCTAssertNotNil(store.take(all[1].pid, after: nil, in: "/", as: living, now: time(1)))
        XCTAssertNil(store.release(leaving[0].id))
        XCTAssertNotNil(store.release(leaving[1].id))
    }

    func testAnEventThatIsJustGettingItsNumberIsNotLost() throws {
        let store = store()
        let one = socket(until: 10)
        store.save(one, now: time(0))
        let position = store.number().position
        let taken = try XCTUnwrap(
            store.take(one.pid, after: nil, in: "/", as: nobody, now: time(1))
        )
        let packet = PacketLog.Packet(
            position: position,
            time: time(1),
            group: MessageGroup(text: Array("42[1]".utf8)),
            address: PacketLog.Address()
        )
        store.log(packet, in: "/")
        let reader = PacketLog.Reader(id: one.id, rooms: one.places, trail: one.trail)
        let missed = store.missed(by: reader, in: "/", taken, now: time(1))
        XCTAssertEqual(missed?.count, 1)
    }

    func testMoreThanAClientMayBeSentIsNotGivenBack() {
        let event = MessageGroup(text: Array("42[1]".utf8))
        for isTooMuch in [false, true] {
            let store = store { $0.replayPackets = isTooMuch ? 3 : 4 }
            let one = socket(until: 10)
            store.save(one, now: time(0))
            for _ in 1...3 {
                let position = store.number().position
                let packet = PacketLog.Packet(
                    position: position,
                    time: time(0),
                    group: event,
                    address: PacketLog.Address()
                )
                store.log(packet, in: "/")
            }
            let taken = store.take(one.pid, after: nil, in: "/", as: nobody, now: time(1))
            XCTAssertEqual(taken?.content?.missed.count, isTooMuch ? nil : 3)
            // Whoever asks again and again has nothing read again.
            XCTAssertEqual(store.extent.saved, 0)
            XCTAssertEqual(store.expects(one.id), !isTooMuch)
        }
    }

    func testTimeLeavesNothing() {
        let store = store()
        store.save(socket(until: 120), now: time(0))
        XCTAssertTrue(store.sweep(time(100)) { _ in false })
        XCTAssertEqual(store.extent.saved, 1)
        XCTAssertTrue(store.sweep(time(120)) { _ in true })
        XCTAssertEqual(store.extent.saved, 0)
        XCTAssertFalse(store.sweep(time(300)) { _ in false })
    }

    // Secrets and offsets

    func testASecretIsReadFromItsTextAndFromNothingElse() {
        let pid = RecoveryID()
        XCTAssertEqual(pid.text.utf8.count, 22)
        XCTAssertEqual(RecoveryID(pid.text), pid)
        XCTAssertNotEqual(RecoveryID(), pid)
        for text in ["", "x", pid.text + "A", String(pid.text.dropLast()), pid.text + "=", "é"] {
            XCTAssertNil(RecoveryID(text), text)
        }
    }

    func testAnOffsetIsReadByTheServerThatWroteIt() {
        let offsets = RecoveryOffsets(seed: 0)
        XCTAssertEqual(offsets.text(1), "10001")
        XCTAssertEqual(offsets.text(UInt64.max), "10003w5e11264sgsf")
        XCTAssertEqual(offsets.position("100012", upTo: 38), 38)
        XCTAssertEqual(offsets.position(offsets.text(.max), upTo: .max), .max)
    }

    func testWhatNoServerWroteIsNoOffset() {
        let offsets = RecoveryOffsets(seed: 0)
        let bad = [
            "", "1000", "10000", "10001 ", "1000+1", "1000-1", "100001", "1000A", "10010", "100013",
            "1000zzzzzzzzzzzzzzzz", "1000\u{E9}",
        ]
        for text in bad { XCTAssertNil(offsets.position(text, upTo: 38), text) }
        XCTAssertNil(RecoveryOffsets(seed: 1).position("10001", upTo: 38))
    }

    func testEveryMarkHasFourCharacters() {
        for seed: UInt64 in [0, 1, 1_632_959, 1_632_960, .max] {
            XCTAssertEqual(RecoveryOffsets(seed: seed).text(7).utf8.count, 5, "\(seed)")
        }
    }
}
