import XCTest

@testable import ActorIO

final class EngineValuesTests: XCTestCase {
    func testErrorsSayWhatTheReferenceSays() {
        let table: [(EngineError, Int, String)] = [
            (.transportUnknown, 400, #"{"code":0,"message":"Transport unknown"}"#),
            (.sessionUnknown, 400, #"{"code":1,"message":"Session ID unknown"}"#),
            (.badHandshakeMethod, 400, #"{"code":2,"message":"Bad handshake method"}"#),
            (.badRequest("INVALID_ORIGIN"), 400, #"{"code":3,"message":"Bad request"}"#),
            (.forbidden(), 403, #"{"code":4,"message":"Forbidden"}"#),
            (
                .unsupportedProtocolVersion, 400,
                #"{"code":5,"message":"Unsupported protocol version"}"#
            ),
        ]
        for (error, status, json) in table {
            XCTAssertEqual(error.status.code, status)
            XCTAssertEqual(String(decoding: error.json, as: UTF8.self), json)
        }
    }

    func testAnErrorsWordsCanNotBreakItsJSON() {
        let error = EngineError.forbidden("no \"entry\" \\ é\n\u{1}")
        XCTAssertEqual(
            String(decoding: error.json, as: UTF8.self),
            #"{"code":4,"message":"no \"entry\" \\ é\u000a\u0001"}"#
        )
    }

    func testIdentifiersAreTwentyURLSafeCharactersThatReadBack() throws {
        let ids = (0..<1_000).map { _ in EngineID() }
        XCTAssertEqual(Set(ids).count, 1_000)
        for id in ids {
            let text = id.description
            XCTAssertEqual(text.utf8.count, 20)
            XCTAssertEqual(EngineID(text), id)
        }
    }

    func testReadsNoIdentifierItCanNotHaveGivenOut() {
        for text in [
            "", "__proto__", "AAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAA+/",
            "AAAAAAAAAAAAAAAAAAé",
        ] {
            XCTAssertNil(EngineID(text), text)
        }
    }

    func testOptionsStartWithTheDefaultsOfTheReference() {
        let options = EngineOptions()
        XCTAssertEqual(options.path, "/socket.io")
        XCTAssertEqual(options.pingInterval, .seconds(25))
        XCTAssertEqual(options.pingTimeout, .seconds(20))
        XCTAssertEqual(options.upgradeTimeout, .seconds(10))
        XCTAssertEqual(options.maxPayload, 1_000_000)
        XCTAssertEqual(options.transports, [.polling, .webSocket])
    }

    func testOptionsOutsideTheirRangeCountAsTheNearestInside() {
        var options = EngineOptions()
        options.pingInterval = .zero
        options.pingTimeout = .seconds(Int64.max)
        options.maxPayload = -1
        options.maxPacketsPerPayload = .max
        options.outgoingBytes = 0
        let bounded = options.bounded()
        XCTAssertEqual(bounded.pingInterval, .milliseconds(1))
        XCTAssertEqual(bounded.pingTimeout, .seconds(86_400))
        XCTAssertEqual(bounded.maxPayload, 1)
        XCTAssertEqual(bounded.maxPacketsPerPayload, 1_000_000)
        XCTAssertEqual(bounded.outgoingBytes, 1)
    }

    func testOnlyAPollingSessionIsOfferedAnUpgradeAndOnlyWhenItIsAllowed() {
        var options = EngineOptions()
        XCTAssertEqual(options.upgrades(from: .polling), [.webSocket])
        XCTAssertEqual(options.upgrades(from: .webSocket), [])
        options.allowUpgrades = false
        XCTAssertEqual(options.upgrades(from: .polling), [])
        options.allowUpgrades = true
        options.transports = [.polling]
        XCTAssertEqual(options.upgrades(from: .polling), [])
    }
}
