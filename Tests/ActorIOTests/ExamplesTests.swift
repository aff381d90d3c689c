import XCTest

/// What holds for every program that we show.
final class ExamplesTests: XCTestCase {
    private let programs = SourceText.files(in: ["Examples", "Sources/ActorIODemo"])
        .filter { $0.text.contains("@main") }

    /// An error that leaves `main` ends the process with a trap and a backtrace; a port that
    /// somebody has is worth a line.
    func testAServerThatCanNotStartSaysSoAndEndsWithOne() {
        let servers = programs.filter { $0.text.contains("server.run(") }
        XCTAssertGreaterThan(servers.count, 3)
        for server in servers {
            XCTAssertFalse(server.text.contains("static func main() async throws"), server.path)
            XCTAssertTrue(server.text.contains("can not start: \\(error)"), server.path)
            XCTAssertTrue(server.text.contains("exit(1)"), server.path)
        }
    }
}
