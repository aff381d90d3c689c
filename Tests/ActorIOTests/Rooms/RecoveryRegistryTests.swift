import XCTest

@testable import ActorIO

/// Sockets on their way back, as the registry sees them: each has the id of another before it.
final class RecoveryRegistryTests: XCTestCase {
    /// A socket that is only a place to send to.
    private final class Place: Outlet {
        let loop: EventLoop
        let id: SocketID
        let member: HandshakeMember? = nil
        let request = Request.sample()
        let territory: Territory
        let recovery: SocketRecovery?

        init(_ id: SocketID, _ territory: Territory, _ resumption: Resumption? = nil) {
            self.id = id
            self.territory = territory
            loop = territory.registry.lane.loop
            recovery = SocketRecovery(SavedLogin(), resumption)
        }

        func deliver(_ event: EncodedEvent, volatile: Bool) {}
        func arrived(_ event: EncodedEvent?) {}
        func ask(_ question: Question) {}
        func disconnect(close: Bool) async {}
    }

    private let registry = RoomRegistry(
        roomLimit: 10,
        attachmentLimit: 10,
        recovery: RecoveryStore.Limits(),
        log: .disabled
    )
    private let space: ByteString = "/"
    private lazy var territory = Territory(space, registry)
    private var store: RecoveryStore { registry.recovery ?? RecoveryStore(RecoveryStore.Limits()) }

    /// A socket that is away, in these rooms.
    private func away(_ rooms: Set<Room> = []) -> SavedSocket {
        let socket = SavedSocket(
            id: SocketID(),
            pid: RecoveryID(),
            space: space,
            login: SavedLogin(),
            rooms: rooms,
            connectionRooms: [],
            trail: RoomTrail(start: 0),
            values: 0,
            until: registry.lane.now + .seconds(100)
        )
        store.save(socket, now: registry.lane.now)
        return socket
    }

    /// It comes back.
    private func take(_ socket: SavedSocket) throws -> Place {
        let now = registry.lane.now
        let found = store.take(socket.pid, after: nil, in: space, as: SavedLogin(), now: now)
        return Place(socket.id, territory, try XCTUnwrap(found))
    }

    private func connect(_ place: Place) async throws -> Bool {
        let recovery = try XCTUnwrap(place.recovery)
        return await registry.connect(place, space, recovery) != nil
    }

    // Two with one id

    func testOneThatIsLateTakesNothingFromTheOneThatCameAfterIt() async throws {
        let saved = away(["lobby"])
        let first = try take(saved)
        registry.leave(first, space, keepingRooms: false, .returning(saved))
        _ = await registry.isEmpty
        let second = try take(saved)
        let hasCome = try await connect(second)
        XCTAssertTrue(hasCome)
        let isIn = await registry.enter(first, space)
        XCTAssertFalse(isIn)
        let isConnected = try await connect(first)
        XCTAssertFalse(isConnected)
        await registry.connect(first, space)
        registry.leave(first, space, keepingRooms: true)
        registry.leave(first, space, keepingRooms: false)
        let everybody = await registry.fetch(Audience(territory))
        XCTAssertTrue(everybody.first?.outlet === second)
        XCTAssertEqual(everybody.first?.rooms, ["lobby", .socket(saved.id)])
        registry.leave(second, space, keepingRooms: false)
        let isEmpty = await registry.isEmpty
        XCTAssertTrue(isEmpty)
    }

    func testMembersLoseNobodyElseForOneWithTheSameId() {
        let (id, other) = (SocketID(), SocketID())
        let (first, second) = (Place(id, territory), Place(id, territory))
        var members = Members()
        members.insert(second)
        members.insert(Place(other, territory))
        members.remove(first)
        XCTAssertEqual(Set(members.ids), [id, other])
        XCTAssertEqual(members.parts.first?.outlets.count, 2)
        members.remove(second)
        members.remove(second)
        XCTAssertEqual(Set(members.ids), [other])
        XCTAssertEqual(members.parts.first?.outlets.map(\.id), [other])
    }

    // On the way

    func testRoomsThatChangeOnTheWayAreThoseItArrivesIn() async throws {
        let saved = away(["lobby"])
        let place = try take(saved)
        await registry.join(Audience(territory).to("lobby"), ["attic"])
        await registry.leave(Audience(territory).to("attic"), ["lobby"])
        await registry.join(Audience(territory).to(.socket(saved.id)), ["hall"])
        let hasCome = try await connect(place)
        XCTAssertTrue(hasCome)
        let rooms = await registry.rooms(of: saved.id, space)
        XCTAssertEqual(rooms, ["attic", "hall", .socket(saved.id)])
    }

    func testWhatTheSocketOfBeforeDoesReachesTheOneThatIsAwayOrOnItsWay() async throws {
        let saved = away(["a", "b", "c"])
        await registry.leave(saved.id, ["a"], space)
        await registry.leave(saved.id, ["c"], "/other")
        let place = try take(saved)
        await registry.leave(saved.id, ["b"], space)
        await registry.join(saved.id, ["d"], space)
        let hasCome = try await connect(place)
        XCTAssertTrue(hasCome)
        let rooms = await registry.rooms(of: saved.id, space)
        XCTAssertEqual(rooms, ["c", "d", .socket(saved.id)])
    }

    func testChangesOutliveTheLossOfTheNewConnection() async throws {
        let saved = away(["lobby"])
        let first = try take(saved)
        await registry.leave(Audience(territory), ["lobby"])
        registry.leave(first, space, keepingRooms: false, .returning(saved))
        _ = await registry.isEmpty
        let second = try take(saved)
        let hasCome = try await connect(second)
        XCTAssertTrue(hasCome)
        // Lost again, behind its arrival here and before it knew of it.
        await registry.join(saved.id, ["late"], space)
        registry.leave(second, space, keepingRooms: false, .returning(saved))
        _ = await registry.isEmpty
        let third = try take(saved)
        _ = try await connect(third)
        let rooms = await registry.rooms(of: saved.id, space)
        XCTAssertEqual(rooms, ["late", .socket(saved.id)])
    }

    func testWhoIsSentAwayOnItsWayDoesNotArrive() async throws {
        for isSaid in [true, false] {
            let saved = away(["lobby"])
            let place = try take(saved)
            guard isSaid else {
                _ = await registry.disconnect(Audience(territory).to("lobby"), close: false)
                let hasCome = try await connect(place)
                XCTAssertFalse(hasCome)
                continue
            }
            _ = await registry.disconnect(Audience(territory).to("lobby"), close: false)
            registry.leave(place, space, keepingRooms: false, .returning(saved))
            _ = await registry.isEmpty
            XCTAssertEqual(store.extent.saved, 0)
        }
    }
}
