import XCTest

@testable import ActorIO

final class LogTests: XCTestCase {
    private final class Lines: Sendable {
        let lines = Locked<[String]>([])

        var log: Log {
            Log(level: .info) { entry in
                self.lines.withLock { $0.append(entry.line) }
            }
        }
    }

    func testWritesLevelMessageAndFieldsInOneLine() {
        let lines = Lines()
        lines.log.info("listening", ["port": "3000", "address": "::1"])
        XCTAssertEqual(
            lines.lines.withLock { $0 },
            [#"info listening address="::1" port="3000""#]
        )
    }

    func testWireDataCanNotBreakALine() {
        let lines = Lines()
        lines.log.warning("bad\r\npath", ["path": "/\"\n\u{1B}[31m\u{202E}\\"])
        XCTAssertEqual(
            lines.lines.withLock { $0 },
            [#"warning bad\r\npath path="/\"\n\u{1b}[31m\u{202e}\\""#]
        )
    }

    func testLongFieldsAreCut() {
        let lines = Lines()
        lines.log.error("x", ["long": String(repeating: "y", count: 10_000)])
        let line = lines.lines.withLock { $0[0] }
        XCTAssertLessThan(line.utf8.count, 300)
        XCTAssertTrue(line.contains("yyy…"))
    }

    func testEntriesBelowTheLevelAreNotEvenBuilt() {
        func never() -> String {
            XCTFail("the message was built")
            return ""
        }
        let lines = Lines()
        lines.log.debug(never(), ["x": never()])
        Log.disabled.error(never())
        XCTAssertEqual(lines.lines.withLock { $0.count }, 0)
    }
}
