import XCTest

@testable import ActorIO
@testable import ActorIOTesting

/// The passport's own tokens at CONNECT, from the signature to the tick of their end.
final class ConnectJWTTests: XCTestCase {
    private struct Access: Codable, Sendable { var scopes: [String]? }

    private static let secret = "a secret of 32 bytes, or of more"

    private static func token(_ payload: String) -> String {
        func encoded(_ bytes: [UInt8]) -> String {
            String(decoding: Base64.encode(bytes, .url, padding: false), as: UTF8.self)
        }
        let signed =
            encoded(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "."
            + encoded(Array(payload.utf8))
        let code = HMACSHA256(key: Array(secret.utf8)).code(for: Array(signed.utf8))
        return signed + "." + encoded(code)
    }

    private static func server() -> SocketIO {
        var rules = JWTStrategy<Member>.Options()
        rules.leeway = .zero
        let passport = Passport<Member>.jwt(.hs256(secret: secret), rules) {
            (claims: JWTClaims<Access>, _) in
            guard let name = claims.subject, let id = ["john": 1, "jane": 2][name] else {
                return nil
            }
            return Member(id: id, username: name)
        }
        return SocketIO(
            connect: [passport.token, .require(Member.self)],
            options: Tokens.calm
        ) { root in Tokens.fill(&root, Notes()) }
    }

    func testASignedTokenIsWarnedOfRenewedAndAtItsEndClosed() async throws {
        let (clock, io) = (ManualClock(), Self.server())
        try await withTestServer(App(), io, clock: clock) { server in
            let end = Tokens.start + 100
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"\(Self.token(#"{"sub":"john","exp":\#(end)}"#))\"}")
            await wire.say("421[\"who\"]", "422[\"rooms\"]")
            let told = wire.take().suffix(2)
            XCTAssertEqual(told.first, "431[\"john\"]")
            XCTAssertTrue(told.last?.contains("user:1") == true)
            await clock.advance(by: .seconds(40))
            XCTAssertEqual(wire.take(), ["42[\"auth:expiring\",60]"])
            let jane = Self.token(#"{"sub":"jane","exp":\#(end + 100)}"#)
            await wire.say("423[\"reauthenticate\",\"\(jane)\"]")
            XCTAssertTrue(wire.take().first?.contains("other_user") == true)
            let fresh = Self.token(#"{"sub":"john","exp":\#(end + 100)}"#)
            await wire.say("424[\"reauthenticate\",\"\(fresh)x\"]")
            XCTAssertTrue(wire.take().first?.contains("\"error\"") == true)
            await wire.say("425[\"reauthenticate\",\"\(fresh)\"]")
            XCTAssertEqual(wire.take(), ["435[160]"])
            await clock.advance(by: .seconds(160))
            XCTAssertEqual(wire.take(), ["42[\"auth:expiring\",60]", "41", "close"])
            await clock.advance(by: .milliseconds(1))
            let late = try await server.browser().webSocket()
            _ = late.take()
            await late.say("40{\"token\":\"\(fresh)\"}")
            XCTAssertEqual(
                late.take(),
                [
                    "44{\"message\":\"The token has expired.\","
                        + "\"data\":{\"code\":\"token_expired\",\"status\":401}}"
                ]
            )
        }
    }

    func testAnEndThatIsNoTimeIsRefusedOrFarAwayAndNeverAFall() async throws {
        let (clock, io) = (ManualClock(), Self.server())
        try await withTestServer(App(), io, clock: clock) { server in
            let ends = [
                "0", "-5", "-1e300", "1e300", "-9223372036854775808", "9223372036854775807",
                "18446744073709551616", "1e19", "\"1800000101\"", "null", "true", "[1800000101]",
                "{}", "1800000001", "1800000001.0", "1800000001.999", "1800000000.5",
            ]
            var admitted: [String] = []
            for end in ends {
                let wire = try await server.browser().webSocket()
                _ = wire.take()
                let token = Self.token(#"{"sub":"john","exp":\#(end)}"#)
                await wire.say("40{\"token\":\"\(token)\"}")
                let answer = wire.take().first ?? "nothing"
                if answer.hasPrefix("40{") { admitted.append(end) }
                let isRefused = answer.contains("\"status\":401")
                XCTAssertTrue(isRefused || answer.hasPrefix("40{"), "\(end): \(answer)")
            }
            // Of those that are numbers only what is still to come is let in.
            let future: Set = ["1e300", "9223372036854775807", "18446744073709551616", "1e19"]
            XCTAssertTrue(Set(admitted).isSubset(of: future), "\(admitted)")
            let wire = try await server.browser().webSocket()
            _ = wire.take()
            await wire.say("40{\"token\":\"\(Self.token(#"{"sub":"john","exp":1800000061.9}"#))\"}")
            XCTAssertEqual(wire.take().last, "42[\"auth:expiring\",60]", "whole seconds")
            await clock.advance(by: .seconds(60))
            XCTAssertEqual(wire.take(), ["41", "close"])
        }
    }
}
