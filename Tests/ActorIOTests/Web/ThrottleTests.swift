import XCTest

@testable import ActorIO

final class ThrottleTests: XCTestCase {
    private let loop = EventLoop(manualAt: LoopTime(nanoseconds: 1_000_000_000))

    private func request(_ address: String) -> Request {
        let head = RequestHead(method: .get, target: "/", minorVersion: 1, headers: ["Host": "a"])
        return Request(head: head, remoteAddress: address, loop: loop)
    }

    func testAnAddressWaitsAndAnotherDoesNot() async throws {
        var app = App()
        app.use(.throttle(burst: 2, interval: .milliseconds(1_500)))
        app.get("/") { _ in .text("in") }
        let handler = app.handler()
        for status in [Status.ok, .ok, .tooManyRequests, .tooManyRequests] {
            let response = try await handler(request("2001:db8::1"))
            XCTAssertEqual(response.status, status)
            let wait = response.headers["retry-after"]
            XCTAssertEqual(wait, status == .ok ? nil : "2")
        }
        let neighbour = try await handler(request("2001:db8::2"))
        XCTAssertEqual(neighbour.status, .tooManyRequests)
        let other = try await handler(request("192.0.2.1"))
        XCTAssertEqual(other.status, .ok)
        loop.setVirtualTime(loop.now + .milliseconds(1_500))
        let later = try await handler(request("2001:db8::1"))
        XCTAssertEqual(later.status, .ok)
    }
}
