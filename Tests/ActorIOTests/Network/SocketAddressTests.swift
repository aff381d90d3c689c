import XCTest

@testable import ActorIO

final class SocketAddressTests: XCTestCase {
    func testTheHostOfAServersOptionsIsReadByItsForm() {
        XCTAssertEqual(SocketAddress(host: "::1", port: 1), .ipv6("::1", port: 1))
        XCTAssertEqual(SocketAddress(host: "10.0.0.1", port: 2), .ipv4("10.0.0.1", port: 2))
        XCTAssertEqual(SocketAddress(host: "localhost", port: 3), .ipv4("127.0.0.1", port: 3))
    }

    func testItsTextIsWhatAURLWouldShow() {
        XCTAssertEqual("\(SocketAddress.ipv4("127.0.0.1", port: 80))", "127.0.0.1:80")
        XCTAssertEqual("\(SocketAddress.ipv6("::1", port: 80))", "[::1]:80")
        XCTAssertEqual("\(SocketAddress.unix("/run/a"))", "/run/a")
        XCTAssertEqual(SocketAddress.unix("/run/a").port, 0)
        XCTAssertEqual(SocketAddress.unix("/run/a").host, "/run/a")
        XCTAssertEqual(SocketAddress.ipv6("::1", port: 80).host, "::1")
    }

    func testWhatIsNoAddressIsRefused() {
        for address: SocketAddress in [
            .ipv4("example.com", port: 80), .ipv4("", port: 80), .ipv4("127.0.0.1", port: 65_536),
            .ipv4("127.0.0.1", port: -1), .ipv6("127.0.0.1", port: 80), .ipv6(":::", port: 80),
            .unix(""), .unix(String(repeating: "a", count: 108)), .ipv4("127.0.0.1 ", port: 80),
        ] {
            XCTAssertThrowsError(try SystemCalls.listen(address, backlog: 1, shared: false)) {
                error in
                XCTAssertTrue(error is SystemError, "\(error)")
            }
        }
    }

    func testAnErrorSaysWhatWasTriedAndWhatTheSystemSaid() throws {
        let taken = try SystemCalls.listen(.ipv4("127.0.0.1", port: 0), backlog: 1, shared: false)
        defer { SystemCalls.closeDescriptor(taken) }
        let address = try XCTUnwrap(SystemCalls.localAddress(taken))
        XCTAssertThrowsError(try SystemCalls.listen(address, backlog: 1, shared: false)) { error in
            XCTAssertEqual("\(error)", "bind \(address): Address already in use")
        }
    }
}
