import XCTest

@testable import ActorIO

/// The logs of many namespaces, and what they take together.
final class PacketLogsTests: XCTestCase {
    private static let me = SocketID()

    private func time(_ seconds: Int) -> LoopTime {
        LoopTime(nanoseconds: 0) + .seconds(seconds)
    }

    private func packet(_ position: UInt64, at seconds: Int = 0, to rooms: [Room] = [])
        -> PacketLog.Packet
    {
        PacketLog.Packet(
            position: position,
            time: time(seconds),
            group: MessageGroup(text: [UInt8](repeating: 0x20, count: 1_000)),
            address: PacketLog.Address(rooms: rooms)
        )
    }

    private var cost: Int { PacketLog.cost(packet(1)) }

    private func logs(_ spaces: [ByteString], packets: Int, limit: Int = 100) -> PacketLogs {
        var logs = PacketLogs(maxAge: .seconds(100), maxBytes: packets * cost, maxLogs: limit)
        for space in spaces { logs.open(space, after: 0) }
        return logs
    }

    private func missed(_ logs: PacketLogs, _ space: ByteString, after position: UInt64 = 0) -> Int?
    {
        let reader = PacketLog.Reader(
            id: Self.me,
            rooms: ["mine"],
            trail: RoomTrail(start: 0)
        )
        return logs[space]?.missed(by: reader, after: position)?.count
    }

    func testTheOldestOfAllNamespacesMakesRoomAndLeavesAGap() {
        var logs = logs(["/a", "/b", "/c"], packets: 3)
        for (position, space) in zip(UInt64(1)..., ["/a", "/b", "/b", "/b"] as [ByteString]) {
            logs.append(packet(position), in: space)
        }
        XCTAssertEqual(logs.byteCount, 3 * cost)
        XCTAssertNil(missed(logs, "/a"))
        XCTAssertEqual(missed(logs, "/a", after: 1), 0)
        XCTAssertEqual(missed(logs, "/b"), 3)
        XCTAssertEqual(missed(logs, "/c"), 0)
        logs.append(packet(5), in: "/c")
        XCTAssertNil(missed(logs, "/b"))
        XCTAssertEqual(missed(logs, "/b", after: 2), 2)
        XCTAssertEqual(missed(logs, "/c"), 1)
    }

    func testThousandsOfNamespacesTakeNoMoreThanOne() {
        let spaces = (0..<1_000).map { ByteString("/\($0)") }
        var logs = logs(spaces, packets: 10, limit: 1_000)
        for position in 1...5_000 {
            logs.append(packet(UInt64(position)), in: spaces[position * 7 % 1_000])
            guard logs.byteCount <= 10 * cost else { return XCTFail("too much") }
        }
        XCTAssertEqual(logs.packetCount, 10)
        XCTAssertLessThan(logs.noteCount, 200)
    }

    func testWhatIsToldApartIsCountedOverAllNamespaces() {
        var logs = logs(["/a", "/b"], packets: 0)
        for position in 1...UInt64(PacketGaps.limit) {
            logs.append(packet(position, to: [Room("\(position)")]), in: "/a")
        }
        XCTAssertEqual(missed(logs, "/a"), 0)
        logs.append(packet(20_000, to: ["one more"]), in: "/b")
        XCTAssertLessThanOrEqual(logs.markCount, PacketGaps.limit)
        XCTAssertNil(missed(logs, "/b"))
    }

    func testThereAreOnlySoManyLogs() {
        var logs = logs(["/a", "/b"], packets: 10, limit: 2)
        XCTAssertFalse(logs.open("/c", after: 0))
        XCTAssertTrue(logs.open("/a", after: 0))
        logs.append(packet(1), in: "/c")
        XCTAssertEqual(logs.byteCount, 0)
        XCTAssertNil(missed(logs, "/c"))
        logs.sweep(time(1)) { $0 == "/a" }
        XCTAssertTrue(logs.open("/c", after: 1))
        XCTAssertNil(missed(logs, "/c"))
        XCTAssertEqual(missed(logs, "/c", after: 1), 0)
    }

    func testALogGoesWithTheLastWhoMayAskForIt() {
        var logs = logs(["/a", "/b"], packets: 10)
        logs.append(packet(1), in: "/a")
        logs.append(packet(2), in: "/b")
        logs.sweep(time(1)) { $0 == "/b" }
        XCTAssertEqual(logs.count, 1)
        XCTAssertEqual(logs.byteCount, cost)
        XCTAssertEqual(logs.packetCount, 1)
        // What is left of the first log takes nothing from the second.
        logs.open("/a", after: 2)
        for position in 3...11 { logs.append(packet(UInt64(position)), in: "/a") }
        XCTAssertEqual(logs.packetCount, 10)
        XCTAssertEqual(missed(logs, "/b"), 1)
    }

    func testAgeEndsPacketsInAllNamespacesAtOnce() {
        var logs = logs(["/a", "/b"], packets: 10)
        logs.append(packet(1, at: 0), in: "/a")
        logs.append(packet(2, at: 50), in: "/a")
        logs.append(packet(3, at: 100), in: "/b")
        XCTAssertEqual(logs.packetCount, 2)
        logs.sweep(time(200)) { _ in true }
        XCTAssertEqual(logs.packetCount, 0)
        XCTAssertEqual(logs.byteCount, 0)
        XCTAssertEqual(logs.noteCount, 0)
    }
}
