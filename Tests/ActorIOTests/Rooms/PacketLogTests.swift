import XCTest

@testable import ActorIO

/// What a namespace keeps of its events, and what it gives back.
final class PacketLogTests: XCTestCase {
    private static let me = SocketID()
    private static let other = SocketID()

    private func time(_ seconds: Int) -> LoopTime {
        LoopTime(nanoseconds: 0) + .seconds(seconds)
    }

    private func log(bytes: Int = 1_000_000) -> PacketLog {
        PacketLog(maxAge: .seconds(100), maxBytes: bytes)
    }

    private func packet(
        _ position: UInt64,
        at seconds: Int = 0,
        size: Int = 10,
        to rooms: [Room] = [],
        except: [Room] = [],
        from sender: SocketID? = nil
    ) -> PacketLog.Packet {
        var text = Array("42[\"\(position)\"".utf8)
        while text.count < size { text.append(0x20) }
        return PacketLog.Packet(
            position: position,
            time: time(seconds),
            group: MessageGroup(text: text),
            address: PacketLog.Address(rooms: rooms, excepted: except, sender: sender)
        )
    }

    private func reader(_ rooms: Room..., trail: RoomTrail = RoomTrail(start: 0))
        -> PacketLog.Reader
    {
        PacketLog.Reader(
            id: Self.me,
            rooms: Set(rooms).union([.socket(Self.me)]),
            trail: trail
        )
    }

    private func missed(
        _ log: PacketLog,
        _ reader: PacketLog.Reader,
        after position: UInt64 = 0
    ) -> [String]? {
        log.missed(by: reader, after: position)?.map { group in
            let text = String(decoding: group.storage[group.text], as: UTF8.self)
            return String(text.split(separator: "\"")[1])
        }
    }

    // Order and offsets

    func testAnEmptyLogHidesNothing() {
        XCTAssertEqual(missed(log(), reader()), [])
        XCTAssertEqual(missed(log(), reader(), after: 99), [])
    }

    func testGivesBackWhatCameAfterThePositionInOrder() {
        var log = log()
        for position in 1...5 { log.append(packet(UInt64(position))) }
        XCTAssertEqual(missed(log, reader()), ["1", "2", "3", "4", "5"])
        XCTAssertEqual(missed(log, reader(), after: 3), ["4", "5"])
        XCTAssertEqual(missed(log, reader(), after: 5), [])
    }

    func testAPositionThatWasNeverLoggedIsAPlaceAllTheSame() {
        var log = log()
        log.append(packet(2))
        log.append(packet(7))
        XCTAssertEqual(missed(log, reader(), after: 1), ["2", "7"])
        XCTAssertEqual(missed(log, reader(), after: 4), ["7"])
        XCTAssertEqual(missed(log, reader(), after: 6), ["7"])
    }

    func testNothingFromBeforeTheSocketConnectedIsGivenBack() {
        var log = log()
        for position in 1...5 { log.append(packet(UInt64(position))) }
        XCTAssertEqual(missed(log, reader(trail: RoomTrail(start: 3))), ["4", "5"])
    }

    // Addresses

    func testARoomReachesThoseWhoAreInIt() {
        var log = log()
        log.append(packet(1, to: ["a"]))
        log.append(packet(2, to: ["b"]))
        log.append(packet(3, to: ["a", "b"]))
        XCTAssertEqual(missed(log, reader()), [])
        XCTAssertEqual(missed(log, reader("a")), ["1", "3"])
        XCTAssertEqual(missed(log, reader("a", "b")), ["1", "2", "3"])
    }

    func testOnesOwnIdIsARoom() {
        var log = log()
        log.append(packet(1, to: [.socket(Self.me)]))
        log.append(packet(2, to: [.socket(Self.other)]))
        XCTAssertEqual(missed(log, reader()), ["1"])
    }

    func testAnExceptedRoomHidesAnEvent() {
        var log = log()
        log.append(packet(1, except: ["a"]))
        log.append(packet(2, to: ["b"], except: ["a"]))
        log.append(packet(3, except: [.socket(Self.me)]))
        XCTAssertEqual(missed(log, reader("b")), ["1", "2"])
        XCTAssertEqual(missed(log, reader("a", "b")), [])
    }

    func testASenderDoesNotHearItself() {
        var log = log()
        log.append(packet(1, from: Self.me))
        log.append(packet(2, from: Self.other))
        XCTAssertEqual(missed(log, reader()), ["2"])
    }

    // Rooms that changed

    private func trail(_ changes: (UInt64, Room, Bool)...) -> RoomTrail {
        var trail = RoomTrail(start: 0)
        for (position, room, isJoin) in changes {
            let change = RoomTrail.Change(
                position: position,
                time: time(0),
                room: room,
                isJoin: isJoin
            )
            trail.note(change, horizon: time(-1))
        }
        return trail
    }

    func testARoomThatWasEnteredLaterReachesNobodyBefore() {
        var log = log()
        for position in 1...4 { log.append(packet(UInt64(position), to: ["a"])) }
        XCTAssertEqual(missed(log, reader("a", trail: trail((2, "a", true)))), ["3", "4"])
    }

    func testARoomThatWasLeftReachesItsMembersOfBefore() {
        var log = log()
        for position in 1...4 { log.append(packet(UInt64(position), to: ["a"])) }
        XCTAssertEqual(missed(log, reader(trail: trail((2, "a", false)))), ["1", "2"])
    }

    func testComingAndGoingIsFollowed() {
        var log = log()
        for position in 1...8 { log.append(packet(UInt64(position), to: ["a"])) }
        let trail = trail((1, "a", true), (3, "a", false), (6, "a", true), (6, "b", true))
        XCTAssertEqual(missed(log, reader("a", "b", trail: trail)), ["2", "3", "7", "8"])
    }

    func testAnExceptedRoomThatWasEnteredLaterHidesNothingBefore() {
        var log = log()
        log.append(packet(1, except: ["a"]))
        log.append(packet(2, except: ["a"]))
        XCTAssertEqual(missed(log, reader("a", trail: trail((1, "a", true)))), ["1"])
    }

    func testATrailRemembersSoManyChangesAndGoesBackNoFurther() {
        var trail = RoomTrail(start: 0)
        for position in 1...UInt64(RoomTrail.limit + 1) {
            let change = RoomTrail.Change(
                position: position,
                time: time(0),
                room: "a",
                isJoin: position % 2 == 1
            )
            trail.note(change, horizon: time(-1))
        }
        let floor = UInt64(RoomTrail.limit / 2)
        XCTAssertEqual(trail.floor, floor)
        XCTAssertEqual(trail.changes.count, RoomTrail.limit / 2 + 1)
        XCTAssertNil(missed(log(), reader("a", trail: trail), after: floor - 1))
        XCTAssertEqual(missed(log(), reader("a", trail: trail), after: floor), [])
    }

    func testChangesThatAreOlderThanEveryPacketAreForgottenWithoutALoss() {
        var trail = RoomTrail(start: 0)
        for position in 1...UInt64(RoomTrail.limit + 1) {
            let change = RoomTrail.Change(
                position: position,
                time: time(Int(position)),
                room: "a",
                isJoin: position % 2 == 1
            )
            trail.note(change, horizon: time(500))
        }
        XCTAssertEqual(trail.floor, 0)
        XCTAssertLessThan(trail.changes.count, 20)
    }

    // Age

    func testPacketsAreForgottenAtTheirAgeAndNotBefore() {
        var log = log()
        log.append(packet(1, at: 0))
        log.append(packet(2, at: 50))
        log.trim(time(99))
        XCTAssertEqual(log.count, 2)
        log.trim(time(100))
        XCTAssertEqual(log.count, 1)
        log.append(packet(3, at: 150))
        XCTAssertEqual(missed(log, reader()), ["3"])
        log.trim(time(250))
        XCTAssertEqual(log.count, 0)
        XCTAssertEqual(log.byteCount, 0)
    }

    func testWhatIsForgottenForItsAgeIsNoGap() {
        var log = log()
        log.append(packet(1, at: 0))
        log.trim(time(100))
        XCTAssertEqual(missed(log, reader()), [])
    }

    // Bytes

    private var cost: Int { PacketLog.cost(packet(1, size: 1_000)) }

    func testTheOldestMakeRoomForTheNewest() {
        var log = log(bytes: 3 * cost)
        for position in 1...3 { log.append(packet(UInt64(position), size: 1_000)) }
        XCTAssertEqual(log.count, 3)
        XCTAssertEqual(log.byteCount, 3 * cost)
        log.append(packet(4, size: 1_000))
        XCTAssertEqual(log.count, 3)
        XCTAssertEqual(missed(log, reader(), after: 1), ["2", "3", "4"])
    }

    func testWhoLacksAPacketThatMadeRoomIsToldSo() {
        var log = log(bytes: 3 * cost)
        for position in 1...4 { log.append(packet(UInt64(position), size: 1_000)) }
        XCTAssertNil(missed(log, reader(), after: 0))
        XCTAssertNotNil(missed(log, reader(), after: 1))
        XCTAssertNotNil(missed(log, reader(trail: RoomTrail(start: 1)), after: 0))
    }

    func testAGapInARoomConcernsThatRoomAlone() {
        let cost = PacketLog.cost(packet(1, size: 1_000, to: ["a"]))
        var log = log(bytes: 3 * cost)
        log.append(packet(1, size: 1_000, to: ["a"]))
        for position in 2...4 { log.append(packet(UInt64(position), size: 1_000, to: ["b"])) }
        XCTAssertNil(missed(log, reader("a")))
        XCTAssertEqual(missed(log, reader("b")), ["2", "3", "4"])
        XCTAssertEqual(missed(log, reader()), [])
    }

    func testAGapInARoomThatWasLeftConcernsWhoWasInIt() {
        var log = log(bytes: cost)
        log.append(packet(1, size: 1_000, to: ["a"]))
        log.append(packet(2, size: 1_000, to: ["b"]))
        XCTAssertNil(missed(log, reader(trail: trail((1, "a", false)))))
    }

    func testAPacketLargerThanTheWholeLogIsAGapAtOnce() {
        var log = log(bytes: 500)
        log.append(packet(1, size: 1_000))
        XCTAssertEqual(log.count, 0)
        XCTAssertEqual(log.byteCount, 0)
        XCTAssertNil(missed(log, reader()))
        XCTAssertEqual(missed(log, reader(), after: 1), [])
    }

    func testALogWithoutRoomKeepsNothingAndKnowsIt() {
        var log = log(bytes: 0)
        XCTAssertEqual(missed(log, reader()), [])
        log.append(packet(1, to: ["a"]))
        XCTAssertEqual(missed(log, reader("b")), [])
        XCTAssertNil(missed(log, reader("a")))
    }

    func testAMarkIsForgottenAtTheAgeOfItsPacket() {
        var log = log(bytes: 0)
        log.append(packet(1, at: 0))
        log.append(packet(2, at: 0, to: ["a"]))
        log.trimGaps(time(99))
        XCTAssertNil(missed(log, reader("a")))
        log.trimGaps(time(100))
        XCTAssertEqual(missed(log, reader("a")), [])
    }

    func testTooManyMarksBecomeOneForEverybody() {
        var log = log(bytes: 0)
        let count = UInt64(PacketGaps.limit)
        for position in 1...count { log.append(packet(position, to: [Room("r\(position)")])) }
        XCTAssertEqual(missed(log, reader("other")), [])
        log.append(packet(count + 1, to: ["one more"]))
        XCTAssertNil(missed(log, reader("other")))
        XCTAssertEqual(missed(log, reader("other"), after: count + 1), [])
    }

    func testTheGapOfAVeryLongNameIsEverybodys() {
        var log = log(bytes: 0)
        log.append(packet(1, to: [Room(String(repeating: "r", count: PacketGaps.maxName))]))
        XCTAssertEqual(missed(log, reader("other")), [])
        log.append(packet(2, to: [Room(String(repeating: "r", count: PacketGaps.maxName + 1))]))
        XCTAssertNil(missed(log, reader("other")))
        XCTAssertEqual(log.markCount, 0)
    }

    func testALogKnowsNothingOfWhatCameBeforeIt() {
        var log = PacketLog(maxAge: .seconds(100), maxBytes: 1_000, floor: 3)
        log.append(packet(4))
        XCTAssertNil(missed(log, reader(), after: 2))
        XCTAssertEqual(missed(log, reader(), after: 3), ["4"])
    }

    func testNoMoreIsReadThanAReaderMayBeGiven() {
        var log = log()
        for position in 1...5 { log.append(packet(UInt64(position))) }
        let bytes = packet(1).group.byteCount * 5
        for (packets, limit, isGiven) in [
            (6, bytes + 1, true), (5, .max, false), (6, bytes, false),
        ] {
            let allowance = PacketLog.Allowance(packets: packets, bytes: limit)
            let missed = log.missed(by: reader(), after: 0, allowance)
            XCTAssertEqual(missed != nil, isGiven, "\(packets) \(limit)")
        }
    }

    func testTheNamesOfRoomsCountAsBytes() {
        let room = Room(String(repeating: "r", count: 1_000))
        XCTAssertGreaterThan(PacketLog.cost(packet(1, to: [room])), 1_000)
        XCTAssertGreaterThan(PacketLog.cost(packet(1, except: [room])), 1_000)
    }
}
