import XCTest

@testable import ActorIO

final class SessionCookieTests: XCTestCase {
    private static let sid = "pft2ckTCSdsxFNv8Q64bQ4Zi_sEdr9wL"
    private static let signature = "3mupVlNkbLQbncUcUz1%2Bjtrvr%2Bpum7PVKsDOW7oGvEk"
    private static let value = "s%3A\(sid).\(signature)"
    private let cookie = SessionCookie(secrets: ["changeit"], policy: SessionPolicy())

    private func read(_ lines: String..., by cookie: SessionCookie? = nil) -> String? {
        var headers = Headers()
        for line in lines { headers.add("Cookie", line) }
        return (cookie ?? self.cookie).find(in: headers).id?.description
    }

    func testWritesWhatExpressSessionWrites() throws {
        let id = try XCTUnwrap(SessionID(Self.sid))
        let set = cookie.cookie(for: id, isSecure: false, now: 0)
        XCTAssertEqual(
            set.serialized(),
            "connect.sid=\(Self.value); Path=/; HttpOnly; SameSite=Lax"
        )
    }

    func testReadsWhatExpressSessionWrote() {
        XCTAssertEqual(read("connect.sid=\(Self.value)"), Self.sid)
        XCTAssertEqual(read("a=b; connect.sid=\(Self.value) ;c=d"), Self.sid)
        XCTAssertEqual(read("a=b", "connect.sid=\(Self.value)"), Self.sid)
        let raw = "s:\(Self.sid).3mupVlNkbLQbncUcUz1+jtrvr+pum7PVKsDOW7oGvEk"
        XCTAssertEqual(read("connect.sid=\(raw)"), Self.sid)
        XCTAssertEqual(read("connect.sid=\"\(Self.value)\""), Self.sid)
    }

    func testTheFirstCookieOfTheNameCountsEvenWhenItIsBad() {
        XCTAssertNil(read("connect.sid=bad; connect.sid=\(Self.value)"))
        XCTAssertNil(read("connect.sid=; connect.sid=\(Self.value)"))
        XCTAssertNil(read("connect.sid=\"; connect.sid=\(Self.value)"))
        XCTAssertNil(read("connect.sid=bad", "connect.sid=\(Self.value)"))
        XCTAssertEqual(read("connect.sid=\(Self.value); connect.sid=bad"), Self.sid)
    }

    func testEveryChangedByteIsNoticed() {
        let bytes = Array("s:\(Self.sid).3mupVlNkbLQbncUcUz1+jtrvr+pum7PVKsDOW7oGvEk".utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
            XCTAssertNil(read("connect.sid=\(String(decoding: changed, as: UTF8.self))"))
        }
    }

    func testUnsignedPaddedAndShortenedCookiesAreRefused() {
        for bad in [
            Self.sid, "s%3A\(Self.sid)", "s%3A\(Self.sid).", "s%3A.\(Self.signature)",
            "\(Self.value)%3D", "s%3A\(Self.sid).\(Self.signature.dropLast())", "s%3A", "%",
            "s%3A\(Self.sid).%zz",
        ] {
            XCTAssertNil(read("connect.sid=\(bad)"), bad)
        }
    }

    func testTheFirstSecretSignsAndAllVerify() throws {
        let rotated = SessionCookie(secrets: ["new", "changeit"], policy: SessionPolicy())
        XCTAssertEqual(read("connect.sid=\(Self.value)", by: rotated), Self.sid)
        let id = try XCTUnwrap(SessionID(Self.sid))
        let set = rotated.cookie(for: id, isSecure: false, now: 0)
        XCTAssertNotEqual(set.value, Self.value)
        XCTAssertEqual(read("connect.sid=\(set.value)", by: rotated), Self.sid)
        XCTAssertNil(read("connect.sid=\(set.value)"), "the old secret alone does not verify it")
    }

    func testFlagsFollowThePolicyAndTheConnection() throws {
        var policy = SessionPolicy()
        policy.cookieName = "app.sid"
        policy.lifetime = .seconds(60)
        policy.sameSite = .strict
        policy.path = "/app"
        let cookie = SessionCookie(secrets: ["changeit"], policy: policy)
        let id = try XCTUnwrap(SessionID(Self.sid))
        XCTAssertEqual(
            cookie.cookie(for: id, isSecure: true, now: 784_111_717).serialized(),
            "app.sid=\(Self.value); Path=/app; Expires=Sun, 06 Nov 1994 08:49:37 GMT; HttpOnly; "
                + "Secure; SameSite=Strict"
        )
        XCTAssertEqual(
            cookie.removal(isSecure: false).serialized(),
            "app.sid=; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict"
        )
        policy.secure = .always
        let always = SessionCookie(secrets: ["changeit"], policy: policy)
        XCTAssertTrue(always.cookie(for: id, isSecure: false, now: 0).secure)
        policy.secure = .never
        let never = SessionCookie(secrets: ["changeit"], policy: policy)
        XCTAssertFalse(never.cookie(for: id, isSecure: true, now: 0).secure)
    }

    func testTextsBesideTheSessionComeBackAndCanNotBeMadeUp() {
        let text = "Wrong name; “sorry”"
        let lifetime = Duration.seconds(60)
        let set = cookie.cookie(.flash, text, lifetime: lifetime, isSecure: false, now: 100)
        XCTAssertEqual(set.expires, 160)
        let side = { (value: String) -> String? in
            self.cookie.side(.flash, in: ["Cookie": "connect.sid.flash=\(value)"])
        }
        XCTAssertEqual(side(set.value), text)
        XCTAssertNil(side("Call%20me"))
        XCTAssertNil(side(Self.value), "a session id")
        XCTAssertNil(read("connect.sid=\(set.value)"))
        XCTAssertNil(cookie.side(.returnTo, in: ["Cookie": "connect.sid.return=\(set.value)"]))
        XCTAssertNil(cookie.side(.remember, in: ["Cookie": "connect.sid.remember=\(set.value)"]))
    }

    func testIdsComeBackFromTheirText() {
        let ids = (0..<100).map { _ in SessionID() }
        for id in ids {
            XCTAssertEqual(SessionID(id.description), id)
            XCTAssertEqual(id.description.utf8.count, 32)
        }
        XCTAssertEqual(Set(ids).count, 100)
        XCTAssertNil(SessionID("short"))
        XCTAssertNil(SessionID("pft2ckTCSdsxFNv8Q64bQ4Zi+sEdr9wL"))
    }
}
