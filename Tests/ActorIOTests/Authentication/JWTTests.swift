import XCTest

@testable import ActorIO

private struct Access: Codable, Sendable, Equatable {
    var scopes: [String]?
    var isRoot: Bool?

    enum CodingKeys: String, CodingKey {
        case scopes
        case isRoot = "http://example.com/is_root"
    }
}

private typealias Claims = JWTClaims<Access>

private func encoded(_ text: String) -> String {
    String(decoding: Base64.encode(Array(text.utf8), .url, padding: false), as: UTF8.self)
}

final class JWTTests: XCTestCase {
    private let secret = "a secret of 32 bytes, or of more"
    /// What the manual loop of a bench starts at.
    private let now: Int64 = 1_800_000_001

    private func token(_ payload: String, header: String? = nil, secret: String? = nil) -> String {
        let header = header ?? #"{"alg":"HS256","typ":"JWT"}"#
        let signed = encoded(header) + "." + encoded(payload)
        let code = HMACSHA256(key: Array((secret ?? self.secret).utf8))
            .code(for: Array(signed.utf8))
        let signature = Base64.encode(code, .url, padding: false)
        return signed + "." + String(decoding: signature, as: UTF8.self)
    }

    private func fault(
        _ token: String,
        _ configure: (inout JWTStrategy<Person>.Options) -> Void = { _ in }
    ) throws -> String? {
        var options = JWTStrategy<Person>.Options()
        configure(&options)
        let passport = Passport<Person>.jwt(.hs256(secret: secret), options) {
            (claims: Claims, _) in
            claims.subject.map { Person(id: 7, name: $0) }
        }
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { _ in .text("") }
        }
        var browser = FakeBrowser()
        let headers = [("Authorization", "Bearer " + token)]
        let response = try bench.send(&browser, .get, "/", headers)
        guard response.status != .ok else { return nil }
        XCTAssertEqual(response.status, .unauthorized)
        XCTAssertTrue(
            response.headers["www-authenticate"]?.contains(#"error="invalid_token""#) ?? false
        )
        return String(decoding: response.body, as: UTF8.self)
    }

    // RFC 7515 A.1
    private let published =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    func testReadsTheTokenOfTheStandard() async throws {
        let text =
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let key = try XCTUnwrap(Base64.decode(Array(text.utf8)[...], .url, padding: false))
        let check = JWTCheck(.hs256(secrets: [[UInt8](repeating: 1, count: 32), key]))
        let claims: Claims = try await check.claims(of: published)
        XCTAssertEqual(claims.issuer, "joe")
        XCTAssertEqual(claims.expiresAt, 1_300_819_380)
        XCTAssertEqual(claims.payload.isRoot, true)
        XCTAssertNil(claims.subject)
        // One bit less, and it is nobody's.
        do {
            _ = try await check.claims(of: published.dropLast() + "o", as: Access.self)
            XCTFail()
        } catch {
            XCTAssertTrue(error is JWTFault)
        }
    }

    func testWritesWhatItReads() async throws {
        struct Made: Codable { var sub: String; var exp: Int64; var aud: [String] }
        let made = Made(sub: "john", exp: now + 60, aud: ["chat"])
        let token = try JWT.token(made, secret: secret)
        XCTAssertTrue(token.hasPrefix(encoded(#"{"alg":"HS256","typ":"JWT"}"#) + "."))
        XCTAssertNil(try fault(token) { $0.audience = ["chat"] })
    }

    func testClaimsAndExpiryReachTheHandler() throws {
        let passport = Passport<Person>.jwt(.hs256(secret: secret)) { (claims: Claims, _) in
            Person(id: 7, name: claims.subject ?? "")
        }
        let bench = LoginBench { app, _ in
            app.use(passport.token)
            app.get("/") { request in
                let claims = request.authInfo(Claims.self)
                let until = request[AuthenticatedUntil.self]?.unixTime ?? 0
                return .text("\(claims?.payload.scopes ?? []) \(until)")
            }
        }
        var browser = FakeBrowser()
        let token = token(#"{"sub":"john","exp":\#(now + 60).5,"scopes":["a"]}"#)
        let response = try bench.send(&browser, .get, "/", [("Authorization", "Bearer " + token)])
        XCTAssertEqual(String(decoding: response.body, as: UTF8.self), "[\"a\"] \(now + 60 + 30)")
    }

    func testTheTokenDoesNotChooseItsAlgorithm() throws {
        let payload = #"{"sub":"john","exp":\#(now + 60)}"#
        for header in [
            #"{"alg":"none"}"#, #"{"alg":"NONE"}"#, #"{"alg":"HS512"}"#, #"{"alg":"hs256"}"#,
            #"{"alg":["HS256"]}"#, #"{"typ":"JWT"}"#, #"{"alg":"HS256","crit":["exp"]}"#,
        ] {
            XCTAssertEqual(
                try fault(token(payload, header: header)),
                JWTFault.signature.description,
                header
            )
        }
        let unsigned = encoded(#"{"alg":"none"}"#) + "." + encoded(payload) + "."
        XCTAssertEqual(try fault(unsigned), JWTFault.signature.description)
        let foreign = token(payload, secret: "another secret of 32 bytes, or so")
        XCTAssertEqual(try fault(foreign), JWTFault.signature.description)
    }

    func testWhatIsNoTokenIsMalformed() throws {
        let good = token(#"{"sub":"john","exp":\#(now + 60)}"#)
        XCTAssertNil(try fault(good))
        let cut = good.split(separator: ".")
        for bad in [
            "abc", "a.b", "..", good + ".", good + ".x", "." + good,
            "\(cut[1]).\(cut[1])",
            token("[1]"), token("7"), token("{"), token(#"{"sub":7,"exp":\#(now + 60)}"#),
            token(#"{"sub":"john","exp":"soon"}"#), token(#"{"sub":"john","exp":null}"#),
            token(#"{"sub":"john","exp":\#(now + 60),"aud":[1]}"#),
            token(String(repeating: "[", count: 600) + String(repeating: "]", count: 600)),
        ] {
            let answer = try fault(String(bad))
            XCTAssertEqual(answer, JWTFault.malformed.description, String(bad))
        }
    }

    func testTimesAreCheckedWithLeeway() throws {
        let cases: [(String, JWTFault?)] = [
            (#""exp":\#(now + 1)"#, nil), (#""exp":\#(now - 29)"#, nil),
            (#""exp":\#(now - 30)"#, .expired), (#""exp":-1e300"#, .expired),
            (#""exp":1e300"#, nil), (#""x":1"#, .endless),
            (#""exp":\#(now + 9),"nbf":\#(now + 30)"#, nil),
            (#""exp":\#(now + 99),"nbf":\#(now + 31)"#, .early),
            (#""exp":\#(now + 99),"iat":\#(now + 31)"#, .early),
            (#""exp":\#(now + 99),"iat":\#(now - 9999)"#, nil),
        ]
        for (claims, expected) in cases {
            let answer = try fault(token(#"{"sub":"john",\#(claims)}"#))
            XCTAssertEqual(answer, expected?.description, claims)
        }
        XCTAssertNil(try fault(token(#"{"sub":"john"}"#)) { $0.requiresExpiry = false })
        let strict = token(#"{"sub":"john","exp":\#(now)}"#)
        XCTAssertEqual(
            try fault(strict) { $0.leeway = .zero },
            JWTFault.expired.description,
            "RFC 7519 4.1.4: on or after"
        )
    }

    func testAgeIssuerAndAudienceAreCheckedWhenAskedFor() throws {
        let base = #""sub":"john","exp":\#(now + 60)"#
        let old = { (options: inout JWTStrategy<Person>.Options) in options.maxAge = .seconds(100) }
        XCTAssertNil(try fault(token("{\(base),\"iat\":\(now - 129)}"), old))
        XCTAssertEqual(
            try fault(token("{\(base),\"iat\":\(now - 130)}"), old),
            JWTFault.old.description
        )
        XCTAssertEqual(try fault(token("{\(base)}"), old), JWTFault.old.description)
        let issued = { (options: inout JWTStrategy<Person>.Options) in options.issuers = ["us"] }
        XCTAssertNil(try fault(token("{\(base),\"iss\":\"us\"}"), issued))
        for other in ["{\(base),\"iss\":\"them\"}", "{\(base)}"] {
            XCTAssertEqual(try fault(token(other), issued), JWTFault.issuer.description)
        }
        let audience = { (options: inout JWTStrategy<Person>.Options) in options.audience = ["us"] }
        XCTAssertNil(try fault(token("{\(base),\"aud\":[\"a\",\"us\"]}"), audience))
        XCTAssertNil(try fault(token("{\(base),\"aud\":\"us\"}"), audience))
        for other in ["{\(base),\"aud\":\"them\"}", "{\(base)}"] {
            XCTAssertEqual(try fault(token(other), audience), JWTFault.audience.description)
        }
        // RFC 7519 4.1.3: who does not know its own name is not meant.
        XCTAssertEqual(
            try fault(token("{\(base),\"aud\":\"us\"}")),
            JWTFault.audience.description
        )
    }

    func testAUserWhoIsGoneIsAnInvalidToken() throws {
        XCTAssertEqual(
            try fault(token(#"{"exp":\#(now + 60)}"#)),
            JWTFault.unknown.description
        )
    }

    func testAnotherAlgorithmComesAsAClosure() async throws {
        let verifier = JWTVerifier(algorithm: "X1") { signed, signature, header in
            header["kid"]?.string == "k" && signature == Array(signed.reversed().prefix(3))
        }
        let signed = encoded(#"{"alg":"X1","kid":"k"}"#) + "." + encoded(#"{"sub":"john"}"#)
        let signature = Array(Array(signed.utf8).reversed().prefix(3))
        let text = String(
            decoding: Base64.encode(signature, .url, padding: false),
            as: UTF8.self
        )
        let claims: Claims = try await JWTCheck(verifier).claims(of: signed + "." + text)
        XCTAssertEqual(claims.subject, "john")
        do {
            let _: Claims = try await JWTCheck(verifier).claims(of: signed + ".AAAA")
            XCTFail()
        } catch {
            XCTAssertEqual(error as? JWTFault, .signature)
        }
    }

    func testAnExpiredTokenHasANameForPrograms() async throws {
        let strategy = JWTStrategy<Person>(.hs256(secret: secret)) { (_: Claims, _) in .john }
        let expired = token(#"{"sub":"john","exp":1}"#)
        let request = Request.sample(headers: ["Authorization": "Bearer " + expired])
        let verdict = try await StrategyChain(strategies: [strategy]).run(request)
        guard case .decided(.failure(let failure)) = verdict else { return XCTFail() }
        XCTAssertEqual(failure.code, "token_expired")
    }
}
