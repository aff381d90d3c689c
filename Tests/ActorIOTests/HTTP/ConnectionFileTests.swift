import Foundation
import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// Files on their way out, to readers fast and slow.
final class ConnectionFileTests: XCTestCase {
    private let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }

    private func app(_ path: String) -> Handler {
        var app = App()
        app.log = .disabled
        app.get("/file") { _ in .file(path) }
        app.get("/") { _ in .text("short") }
        return app.handler()
    }

    func testALargeFileArrivesWholeAndTheConnectionGoesOn() throws {
        try withFile(of: bytes) { path in
            let wire = ConnectionWire(app(path))
            let peer = wire.connect(capacity: 30_000)
            peer.tell(get("/file") + get("/") + get("/file"))
            let answers = try peer.responses()
            XCTAssertEqual(answers.map(\.body.count), [bytes.count, 5, bytes.count])
            XCTAssertEqual(answers[2].body, bytes)
        }
    }

    func testASlowReaderHoldsOnlyAFewChunksOfAFile() throws {
        try withFile(of: bytes) { path in
            let wire = ConnectionWire(app(path))
            let peer = wire.connect(capacity: 10_000)
            peer.setReading(false)
            peer.tell(get("/file"))
            for _ in 0..<50 {
                peer.read(3_000)
                wire.run()
                let queued = wire.connections[0].onLoop { $0.output.count }
                XCTAssertLessThanOrEqual(queued, 3 * 65_536)
            }
            peer.setReading(true)
            wire.run()
            XCTAssertEqual(try peer.responses().first?.body, bytes)
        }
    }

    func testAnEmptyFileIsAnAnswerWithoutABody() throws {
        try withFile(of: []) { path in
            let wire = ConnectionWire(app(path))
            let answers = try wire.answers(get("/file") + get("/"))
            XCTAssertEqual(answers.map(\.status), [200, 200])
            XCTAssertEqual(answers[0].headers["content-length"], "0")
        }
    }

    func testHeadOfAFileHasItsLength() throws {
        try withFile(of: bytes) { path in
            let wire = ConnectionWire(app(path))
            let peer = wire.connect()
            peer.tell("HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n")
            XCTAssertEqual(try peer.responses(isHead: true)[0].headers["content-length"], "1000000")
            peer.tell("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            XCTAssertEqual(try peer.responses(isHead: true).count, 2)
        }
    }

    func testARangeIsThatPartOfTheFile() throws {
        try withFile(of: bytes) { path in
            let wire = ConnectionWire(app(path))
            for (range, status, part) in [
                ("bytes=0-0", 206, 0..<1), ("bytes=100-199999", 206, 100..<200_000),
                ("bytes=-5", 206, 999_995..<1_000_000), ("bytes=999999-", 206, 999_999..<1_000_000),
                ("bytes=18446744073709551616-", 200, 0..<1_000_000), ("bytes=1000000-", 416, 0..<0),
            ] {
                let answer = try wire.answers(get("/file", "Range: \(range)"))[0]
                XCTAssertEqual(answer.status, status, range)
                if status != 416 { XCTAssertEqual(answer.body, Array(bytes[part]), range) }
            }
        }
    }

    func testAFileThatShrinksWhileItIsSentCutsTheConnection() throws {
        try withFile(of: bytes) { path in
            let wire = ConnectionWire(app(path))
            let peer = wire.connect(capacity: 10_000)
            peer.setReading(false)
            peer.tell(get("/file"))
            let file = try XCTUnwrap(FileHandle(forWritingAtPath: path))
            try file.truncate(atOffset: 200_000)
            try file.close()
            peer.setReading(true)
            wire.run()
            XCTAssertEqual(wire.goneCount, 1)
            XCTAssertTrue(peer.hasEnded)
            XCTAssertEqual(peer.statuses, [])
        }
    }
}
