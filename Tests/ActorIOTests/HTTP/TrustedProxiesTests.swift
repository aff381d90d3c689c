import XCTest

@testable import ActorIO
@testable import ActorIOTesting

final class TrustedProxiesTests: XCTestCase {
    private let proxies: TrustedProxies = ["10.0.0.1", "10.0.0.2", "::1", "unix"]

    private func client(_ peer: String, _ fields: (String, String)...) -> String {
        var headers = Headers()
        for (name, value) in fields { headers.add(name, value) }
        let (address, isSecure) = proxies.client(peer: peer, headers: headers)
        return isSecure ? "\(address) secure" : address
    }

    func testNobodyElseIsBelieved() {
        let told = [("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https")]
        XCTAssertEqual(client("192.0.2.9", told[0], told[1]), "192.0.2.9")
        XCTAssertEqual(client("10.0.0.10", told[0], told[1]), "10.0.0.10")
        XCTAssertEqual(client("", told[0], told[1]), "")
        let (address, isSecure) = TrustedProxies().client(
            peer: "127.0.0.1",
            headers: ["X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"]
        )
        XCTAssertEqual(address, "127.0.0.1")
        XCTAssertFalse(isSecure)
    }

    func testAListedPeerIsBelieved() {
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", "1.2.3.4")), "1.2.3.4")
        XCTAssertEqual(client("unix", ("x-forwarded-for", "2001:db8::7")), "2001:db8::7")
        XCTAssertEqual(
            client("::1", ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https")),
            "1.2.3.4 secure"
        )
        XCTAssertEqual(client("10.0.0.1"), "10.0.0.1")
    }

    func testTheLastAddressThatIsNoProxyIsTheClient() {
        XCTAssertEqual(
            client("10.0.0.1", ("X-Forwarded-For", "6.6.6.6, 1.2.3.4 ,\t10.0.0.2")),
            "1.2.3.4"
        )
        XCTAssertEqual(
            client("10.0.0.1", ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "1.2.3.4")),
            "1.2.3.4"
        )
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", "10.0.0.2")), "10.0.0.1")
    }

    func testAPortBehindAnAddressIsNoPartOfIt() {
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", "1.2.3.4:50123")), "1.2.3.4")
        XCTAssertEqual(
            client("10.0.0.1", ("X-Forwarded-For", "[2001:db8::7]:50123, 10.0.0.2:80")),
            "2001:db8::7"
        )
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", "[2001:db8::7]")), "2001:db8::7")
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", "::ffff:1.2.3.4")), "::ffff:1.2.3.4")
        for bad in ["[", "[]", "]:1", "1.2.3.4:x"] {
            XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", bad)), "10.0.0.1", bad)
        }
    }

    func testHostileValuesAreNoAddresses() {
        for value in [
            "", " ", ",", ",,,", "unknown", "<script>", "1.2.3.4;rm", "1.2.3.4 5.6.7.8",
            String(repeating: "1", count: 46), "_hidden", "1.2.3.4\u{e9}", "-",
        ] {
            XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", value)), "10.0.0.1", value)
        }
        let long = String(repeating: "9.9.9.9, ", count: 10_000) + "1.2.3.4"
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-For", long)), "1.2.3.4")
    }

    func testTheSchemeIsWhatTheNearestProxySaid() {
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-Proto", "https, http")), "10.0.0.1")
        XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-Proto", "http, https")), "10.0.0.1 secure")
        XCTAssertEqual(
            client("10.0.0.1", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")),
            "10.0.0.1"
        )
        for value in ["https", "HTTPS", "Https", "\thttps "] {
            XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-Proto", value)), "10.0.0.1 secure")
        }
        for value in ["", "https,", "httpsx", "https;", "wss", "\u{1b}https"] {
            XCTAssertEqual(client("10.0.0.1", ("X-Forwarded-Proto", value)), "10.0.0.1", value)
        }
    }

    func testTheSchemeBelongsToTheHopThatTheAddressIsTakenFrom() {
        func scheme(_ chain: String, _ schemes: String) -> String {
            client("10.0.0.1", ("X-Forwarded-For", chain), ("X-Forwarded-Proto", schemes))
        }
        // Encrypted to the outer proxy, plain from there on.
        XCTAssertEqual(scheme("1.2.3.4, 10.0.0.2", "https, http"), "1.2.3.4 secure")
        XCTAssertEqual(scheme("1.2.3.4, 10.0.0.2", "http, https"), "1.2.3.4")
        XCTAssertEqual(scheme("1.2.3.4, ::1, 10.0.0.2", "HTTPS, http, http"), "1.2.3.4 secure")
        // What the client itself wrote stands before what the proxies saw.
        XCTAssertEqual(scheme("6.6.6.6, 1.2.3.4", "https, http"), "1.2.3.4")
        XCTAssertEqual(scheme("6.6.6.6, 1.2.3.4, 10.0.0.2", "https, http, http"), "1.2.3.4")
        // One word for several proxies: they let it stand.
        XCTAssertEqual(scheme("1.2.3.4, ::1, 10.0.0.2", "https"), "1.2.3.4 secure")
        XCTAssertEqual(scheme("1.2.3.4, ::1, 10.0.0.2", "https, http"), "1.2.3.4 secure")
        XCTAssertEqual(scheme("1.2.3.4, 10.0.0.2", ""), "1.2.3.4")
        // A chain of proxies alone, and one that ends in nonsense.
        XCTAssertEqual(scheme("10.0.0.2", "https, http"), "10.0.0.1 secure")
        XCTAssertEqual(scheme("unknown, 10.0.0.2", "https, http"), "10.0.0.1 secure")
        XCTAssertEqual(scheme("unknown", "https, http"), "10.0.0.1")
    }

    func testAHandlerSeesTheAddressOfTheClient() throws {
        let wire = ConnectionWire(trustedProxies: ["10.0.0.1"]) { request in
            .text("\(request.remoteAddress) \(request.isSecure)")
        }
        let texts = try ["10.0.0.1", "10.9.9.9"].map { address in
            let peer = wire.connect(from: address)
            peer.tell(get("/", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https"))
            return try peer.responses()[0].text
        }
        XCTAssertEqual(texts, ["1.2.3.4 true", "10.9.9.9 false"])
    }
}
