import XCTest

@testable import ActorIO

final class RateTableTests: XCTestCase {
    private let start = LoopTime(nanoseconds: 5_000_000_000)
    private let rate = Rate(burst: 3, interval: .seconds(10))

    func testLetsABurstPassAndThenOneInEachInterval() {
        var table = RateTable(maxKeys: 64)
        let key = table.key(0, "john".utf8)
        for _ in 0..<3 {
            XCTAssertNil(table.wait(key, rate, at: start))
            table.charge(key, rate, at: start)
        }
        XCTAssertEqual(table.wait(key, rate, at: start), .seconds(10))
        XCTAssertEqual(table.wait(key, rate, at: start + .seconds(4)), .seconds(6))
        let later = start + .seconds(10)
        XCTAssertNil(table.wait(key, rate, at: later))
        table.charge(key, rate, at: later)
        XCTAssertEqual(table.wait(key, rate, at: later), .seconds(10))
        XCTAssertEqual(table.debt(key, at: later + .seconds(30)), .zero)
    }

    func testADebtNeverExceedsTheBurst() {
        var table = RateTable(maxKeys: 64)
        let key = table.key(0, "john".utf8)
        for _ in 0..<100 { table.charge(key, rate, at: start) }
        XCTAssertEqual(table.debt(key, at: start), .seconds(30))
    }

    func testEventsAreForgottenWhenTheyAreCleared() {
        var table = RateTable(maxKeys: 64)
        let key = table.key(0, "john".utf8)
        for _ in 0..<3 { table.charge(key, rate, at: start) }
        XCTAssertEqual(table.wait(key, rate, at: start), .seconds(10))
        table.clear(key)
        XCTAssertEqual(table.debt(key, at: start), .zero)
        XCTAssertNil(table.wait(key, rate, at: start))
    }

    func testEventsThatAreOnlyBegunCountWhereTheyAreNamed() {
        var table = RateTable(maxKeys: 64)
        let key = table.key(0, "john".utf8)
        XCTAssertNil(table.wait(key, rate, at: start, with: 2))
        XCTAssertEqual(table.wait(key, rate, at: start, with: 3), .seconds(10))
        table.charge(key, rate, at: start)
        XCTAssertNil(table.wait(key, rate, at: start, with: 1))
        XCTAssertEqual(table.wait(key, rate, at: start, with: 2), .seconds(10))
        XCTAssertEqual(table.wait(key, rate, at: start, with: .max), .seconds(20))
    }

    func testAFloodOfKeysNeitherGrowsTheTableNorWashesOutWhoOwesMuch() {
        var table = RateTable(maxKeys: 1_000)
        XCTAssertEqual(table.capacity, 512)
        let victim = table.key(0, "victim".utf8)
        for _ in 0..<3 { table.charge(victim, rate, at: start) }
        for number in 0..<20_000 {
            table.charge(table.key(1, "\(number)".utf8), rate, at: start)
        }
        XCTAssertEqual(table.wait(victim, rate, at: start), .seconds(10))
    }

    func testKeysDifferByKindAndByTable() {
        let table = RateTable(maxKeys: 8)
        XCTAssertEqual(table.key(0, "a".utf8), table.key(0, "a".utf8))
        XCTAssertNotEqual(table.key(0, "a".utf8), table.key(1, "a".utf8))
        XCTAssertNotEqual(table.key(0, "a".utf8), RateTable(maxKeys: 8).key(0, "a".utf8))
    }

    func testWhateverIsWrittenInOptionsIsARate() {
        for rate in [
            Rate(burst: .max, interval: .seconds(Int64.max)), Rate(burst: .min, interval: .zero),
            Rate(burst: .max, interval: .nanoseconds(-5)),
        ] {
            var table = RateTable(maxKeys: .min)
            let key = table.key(0, [1])
            for time in [LoopTime(nanoseconds: .min), start, .distantFuture] {
                table.charge(key, rate, at: time)
                _ = table.wait(key, rate, at: time)
            }
        }
        XCTAssertLessThanOrEqual(RateTable(maxKeys: .max).capacity, 1 << 26)
    }
}

final class ClientNetworkTests: XCTestCase {
    func testAnIPv4AddressIsItself() {
        XCTAssertEqual(ClientNetwork.bytes(of: "192.0.2.1"), [192, 0, 2, 1])
        XCTAssertEqual(ClientNetwork.bytes(of: "::ffff:192.0.2.1"), [192, 0, 2, 1])
        XCTAssertEqual(ClientNetwork.bytes(of: "::ffff:c000:201"), [192, 0, 2, 1])
    }

    func testOfIPv6TheFirst64BitsCountHoweverTheyAreWritten() {
        let network: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 5]
        for text in [
            "2001:db8:0:5:1:2:3:4", "2001:db8:0:5::1", "2001:DB8::5:0:0:0:1",
            "2001:0db8:0000:0005:ffff:ffff:ffff:ffff", "2001:db8:0:5::192.0.2.1",
            "2001:db8:0:5::1%eth0",
        ] {
            XCTAssertEqual(ClientNetwork.bytes(of: text), network, text)
        }
        XCTAssertEqual(ClientNetwork.bytes(of: "::1"), [0, 0, 0, 0, 0, 0, 0, 0])
        XCTAssertNotEqual(ClientNetwork.bytes(of: "2001:db8:0:6::1"), network)
    }

    func testAnythingElseIsItsText() {
        for text in [
            "", "unix", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1::2", "1:2:3:4:5:6:7:8:9", ":::",
            "g::1", "12345::1", "1:2", "/run/a.sock",
        ] {
            XCTAssertEqual(ClientNetwork.bytes(of: text), Array(text.utf8), text)
        }
    }
}
