import XCTest

@testable import ActorIO

/// The books of the login, on a time that stands where the test puts it.
final class AdminLoginsTests: XCTestCase {
    private static func make(_ change: (inout AdminOptions) -> Void = { _ in }) -> AdminLogins {
        var options = AdminOptions(.openToEveryone)
        change(&options)
        return AdminLogins(options)
    }

    private static func at(_ seconds: Int64) -> LoopTime {
        LoopTime(nanoseconds: seconds * 1_000_000_000)
    }

    func testASessionIsKnownUntilItsTimeIsOver() {
        var logins = Self.make { $0.sessionLifetime = .seconds(60) }
        let id = logins.begin(at: Self.at(0))
        XCTAssertEqual(id.utf8.count, 32)
        XCTAssertTrue(logins.isKnown(id, at: Self.at(59)))
        XCTAssertFalse(logins.isKnown("", at: Self.at(59)))
        XCTAssertFalse(logins.isKnown(id, at: Self.at(60)))
        XCTAssertEqual(logins.sessionCount, 0)
    }

    func testTheOldestSessionMakesRoomForANewOne() {
        var logins = Self.make { $0.maxSessions = 2 }
        let ids = (0..<3).map { logins.begin(at: Self.at($0)) }
        XCTAssertEqual(Set(ids).count, 3)
        XCTAssertEqual(ids.map { logins.isKnown($0, at: Self.at(3)) }, [false, true, true])
        XCTAssertEqual(logins.sessionCount, 2)
    }

    func testAnAddressHasSoManyAttemptsInAPeriod() {
        var logins = Self.make { $0.maxAttempts = 2 }
        func mayTry(_ address: String, _ second: Int64) -> Bool {
            logins.mayTry(from: address, at: Self.at(second))
        }
        XCTAssertEqual([0, 1, 2].map { mayTry("10.0.0.1", $0) }, [true, true, false])
        XCTAssertTrue(mayTry("10.0.0.2", 2))
        XCTAssertFalse(mayTry("10.0.0.1", 59))
        XCTAssertEqual([60, 61, 62].map { mayTry("10.0.0.1", $0) }, [true, true, false])
    }

    func testTheRightPasswordDoesNotCountAndForgivesNoWrongOne() {
        var logins = Self.make { $0.maxAttempts = 2 }
        func mayTry() -> Bool { logins.mayTry(from: "10.0.0.1", at: Self.at(0)) }
        for _ in 0..<4 {
            XCTAssertTrue(mayTry())
            logins.succeeded(from: "10.0.0.1")
        }
        XCTAssertEqual(logins.addressCount, 0)
        XCTAssertTrue(mayTry(), "a wrong one")
        for _ in 0..<4 {
            XCTAssertTrue(mayTry())
            logins.succeeded(from: "10.0.0.1")
        }
        XCTAssertEqual([mayTry(), mayTry()], [true, false], "the second wrong one is the last")
    }

    func testARefusalIsNewsOnceForAnAddressAndPeriod() {
        var logins = Self.make { $0.maxAttempts = 1 }
        func isNews(_ address: String, _ second: Int64) -> Bool? {
            guard !logins.mayTry(from: address, at: Self.at(second)) else { return nil }
            return logins.isNews(from: address)
        }
        XCTAssertEqual([0, 1, 2].map { isNews("10.0.0.1", $0) }, [nil, true, false])
        XCTAssertEqual([2, 3].map { isNews("10.0.0.2", $0) }, [nil, true])
        XCTAssertEqual([60, 61, 62].map { isNews("10.0.0.1", $0) }, [nil, true, false])
    }

    func testANetworkOfIPv6IsOneAddressHoweverItIsWritten() {
        for spellings in [
            ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::1%eth0"],
            ["2001:db8::9", "2001:db8:0:0:1::2", "2001:0db8:0000::1", "2001:db8:0:0:3:4:5:6"],
            ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1"],
        ] {
            var logins = Self.make { $0.maxAttempts = 1 }
            XCTAssertEqual(
                spellings.map { logins.mayTry(from: $0, at: Self.at(0)) },
                [true] + Array(repeating: false, count: spellings.count - 1)
            )
            XCTAssertTrue(logins.mayTry(from: "2001:db8:1:3::1", at: Self.at(0)))
            XCTAssertEqual(logins.addressCount, 2)
            logins.succeeded(from: spellings[spellings.count - 1])
            XCTAssertEqual(logins.addressCount, 1)
        }
    }

    func testAddressesAreForgottenWhenThereAreTooMany() {
        var logins = Self.make { $0.maxAttempts = 1 }
        for number in 0..<(AdminLogins.maxAddresses + 5) {
            XCTAssertTrue(logins.mayTry(from: "address \(number)", at: Self.at(0)))
        }
        XCTAssertEqual(logins.addressCount, AdminLogins.maxAddresses)
        XCTAssertTrue(logins.mayTry(from: "another", at: Self.at(61)))
        XCTAssertEqual(logins.addressCount, 1)
    }
}
