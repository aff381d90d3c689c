import XCTest

@testable import ActorIO

/// Files that are not what was written: set aside, reported, absent, and no trap.
final class FileBackingDamageTests: XCTestCase {
    private let id = SessionID()
    private let lines = LogLines()

    private func file(_ number: Int = 1) throws -> [UInt8] {
        try FileBackingFormat(id: id, sequence: 5, record: .numbered(number)).bytes()
    }

    private func bench(_ disk: PaperDisk) throws -> FileBackingBench {
        try FileBackingBench(disk) { $0.log = lines.log }
    }

    private func isReadable(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try FileBackingFormat(bytes)
            return true
        } catch {
            XCTAssertTrue(error is FileBackingFormat.Unreadable, "\(error)")
            return false
        }
    }

    func testAFileIsReadAsItWasWritten() throws {
        let found = try FileBackingFormat(file())
        XCTAssertEqual(found.id, id)
        XCTAssertEqual(found.sequence, 5)
        XCTAssertEqual(found.record, .numbered(1))
        let text = String(decoding: try file(), as: UTF8.self)
        XCTAssertTrue(text.hasPrefix("actorio-session 1 "))
    }

    func testAFileThatIsTornAtAnyLengthIsUnreadable() throws {
        let whole = try file()
        for length in 0..<whole.count {
            XCTAssertFalse(isReadable(Array(whole[..<length])), "\(length) bytes")
            let zeros = [UInt8](repeating: 0, count: whole.count - length)
            XCTAssertFalse(isReadable(Array(whole[..<length]) + zeros), "zeros after \(length)")
        }
        XCTAssertFalse(isReadable(whole + [10]))
        XCTAssertFalse(isReadable(whole + whole))
    }

    func testAFileWithAnyBitTurnedIsUnreadable() throws {
        let whole = try file()
        for place in whole.indices {
            var turned = whole
            turned[place] ^= 1 << UInt8(place % 8)
            XCTAssertFalse(isReadable(turned), "byte \(place)")
        }
    }

    func testWhatAnotherProgramSignedIsStillReadWithCare() {
        func signed(_ rest: String) -> [UInt8] {
            let bytes = [UInt8](rest)
            let digest = Hex.encode(SHA256.hash(bytes))
            return [UInt8]("actorio-session 1 \(digest) \(bytes.count)\n") + bytes
        }
        let record =
            #"{"createdAt":1,"lastSeenAt":1,"expiresAt":1,"address":"","userAgent":"""#
            + #","values":{}}"#
        func body(_ id: String, _ values: String) -> String {
            #"{"id":"\#(id)","sequence":1,"record":\#(record),"values":[\#(values)]}"# + "\n"
        }
        XCTAssertTrue(isReadable(signed(body("\(id)", ""))))
        for rest in [
            "", "\n", "{}\n", "[]\n", body("", ""), body("__proto__", ""), body("\(id)", "") + "x",
            body("\(id)", #"{"name":"a","count":-1}"#), body("\(id)", #"{"name":"a","count":1}"#),
            body("\(id)", #"{"name":"a","count":9223372036854775807}"#),
            body("\(id)", #"{"name":"a","count":1e300}"#), String(repeating: "[", count: 100_000),
        ] {
            XCTAssertFalse(isReadable(signed(rest)), String(rest.prefix(80)))
        }
    }

    func testAnUnreadableFileIsSetAsideAtTheStartAndTheOthersLive() async throws {
        let disk = PaperDisk()
        let first = try FileBackingBench(disk)
        let other = SessionID()
        try await first.value { [id] in try await $0.save(.numbered(1), for: id) }
        try await first.value { try await $0.save(.numbered(2), for: other) }
        let name = FileBackingName.file(FileBackingName.stem(id), .first)
        disk.damage(name) { $0[$0.count - 1] ^= 1 }
        let second = disk.restarted(after: .nothing)
        let bench = try bench(second)
        let record = try await bench.value { [id] in try await $0.load(id) }
        XCTAssertNil(record)
        let living = try await bench.value { try await $0.load(other) }
        XCTAssertEqual(living?.number, 2)
        XCTAssertTrue(second.allNames.contains(name + ".unreadable"))
        XCTAssertEqual(lines.all.count, 1)
        let line = try XCTUnwrap(lines.all.first)
        XCTAssertTrue(line.contains("checksum") && line.contains(name), line)
        let third = try FileBackingBench(second.restarted(after: .nothing))
        XCTAssertEqual(third.backing.count, 1, "once is enough")
    }

    func testAFileThatIsDamagedWhileTheServerRunsIsSetAsideWhenItIsReadAndStaysAbsent() async throws
    {
        let disk = PaperDisk()
        let bench = try bench(disk)
        try await bench.value { [id] in try await $0.save(.numbered(1), for: id) }
        disk.damage(FileBackingName.file(FileBackingName.stem(id), .first)) { $0 = [] }
        for _ in 0..<2 {
            let record = try await bench.value { [id] in try await $0.load(id) }
            XCTAssertNil(record)
        }
        try await bench.value { [id] in try await $0.touch(id, lastSeenAt: 1, expiresAt: 2) }
        XCTAssertEqual(lines.all.count, 1)
        try await bench.value { [id] in try await $0.save(.numbered(3), for: id) }
        let again = try await bench.value { [id] in try await $0.load(id) }
        XCTAssertEqual(again?.number, 3, "a new one may be saved")
    }

    func testOfTwoFilesOfOneSessionTheLaterCountsAndADamagedOneMakesBothDoubtful() async throws {
        let stem = FileBackingName.stem(id)
        for (damaged, wanted) in [(nil, 2), ("0", nil), ("1", nil)] as [(String?, Int?)] {
            let disk = PaperDisk()
            for (place, sequence, number) in [("0", Int64(8), 2), ("1", 7, 1)] {
                let file = try disk.create("\(stem).\(place)")
                let format = FileBackingFormat(
                    id: id,
                    sequence: sequence,
                    record: .numbered(number)
                )
                try file.write(try format.bytes())
            }
            if let damaged { disk.damage("\(stem).\(damaged)") { $0.removeLast() } }
            let bench = try bench(disk)
            let record = try await bench.value { [id] in try await $0.load(id) }
            XCTAssertEqual(record?.number, wanted)
            XCTAssertEqual(disk.allNames.count, wanted == nil ? 2 : 1)
        }
    }

    func testAFileUnderAnothersNameOpensNothing() async throws {
        let disk = PaperDisk()
        let other = SessionID()
        let file = try disk.create(FileBackingName.file(FileBackingName.stem(other), .first))
        try file.write(try self.file())
        let bench = try bench(disk)
        for id in [id, other] {
            let record = try await bench.value { try await $0.load(id) }
            XCTAssertNil(record)
        }
        XCTAssertEqual(bench.backing.count, 0)
    }

    func testFilesOfOthersAreLeftAlone() throws {
        let disk = PaperDisk()
        let names = [
            "README", "lock", ".nfs0001", "x.new", "\(String(repeating: "a", count: 64)).2",
        ]
        for name in names { _ = try disk.create(name) }
        _ = try disk.create("12.new")
        _ = try bench(disk)
        XCTAssertEqual(disk.allNames, names.sorted(), "only what was not finished goes")
    }

    func testADamagedRealFileIsSetAside() async throws {
        let scratch = ScratchDirectory()
        let first = try await FileBacking.open(directory: scratch.path)
        try await first.save(.numbered(1), for: id)
        try await first.close()
        let name = try XCTUnwrap(scratch.names.first)
        scratch.put(scratch.bytes(name).dropLast(), name)
        let second = try await FileBacking.open(directory: scratch.path) { $0.log = .disabled }
        let record = try await second.load(id)
        XCTAssertNil(record)
        XCTAssertEqual(scratch.names, [name + ".unreadable"])
    }
}
