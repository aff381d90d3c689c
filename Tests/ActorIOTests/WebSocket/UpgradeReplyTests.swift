import XCTest

@testable import ActorIO

final class UpgradeReplyTests: XCTestCase {
    private static let good: Headers = [
        "Host": "server.example.com", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    ]

    private func head(
        _ method: Method = .get,
        minorVersion: Int = 1,
        framing: BodyFraming = .none,
        _ change: (inout Headers) -> Void = { _ in }
    ) -> RequestHead {
        var headers = Self.good
        change(&headers)
        return RequestHead(
            method: method,
            target: "/socket.io/",
            minorVersion: minorVersion,
            headers: headers,
            framing: framing
        )
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private func refusal(of head: RequestHead) -> HTTPError? {
        do {
            _ = try UpgradeReply.check(head)
            return nil
        } catch {
            return error
        }
    }

    func testAnswersTheKeyOfTheRFC() throws {
        XCTAssertEqual(
            text(UpgradeReply.acceptKey(Array("dGhlIHNhbXBsZSBub25jZQ==".utf8)[...])),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        )
        XCTAssertEqual(text(try UpgradeReply.check(head())), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    func testNamesTheProtocolAndTheHashInThe101() {
        let headers = UpgradeReply.headers(accept: Array("abc".utf8))
        XCTAssertEqual(headers["upgrade"], "websocket")
        XCTAssertEqual(headers["connection"], "Upgrade")
        XCTAssertEqual(headers["sec-websocket-accept"], "abc")
        XCTAssertNil(headers["sec-websocket-extensions"])
        XCTAssertNil(headers["sec-websocket-protocol"])
    }

    func testRefusesAKeyThatIsNotSixteenBytesOfBase64() {
        let bad: [String?] = [
            nil, "", "dGhlIHNhbXBsZSBub25j",  // 15 bytes
            "dGhlIHNhbXBsZSBub25jZSE=",  // 17 bytes
            "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZR==",
            "dGhlIHNhbXBsZSBub25!ZQ==", "dGhlIHNhbXBs-SBub25jZQ==", "========================",
        ]
        for key in bad {
            let head = head { $0["Sec-WebSocket-Key"] = key }
            XCTAssertEqual(refusal(of: head)?.status, .badRequest, key ?? "missing")
        }
    }

    func testRefusesAKeyThatComesTwice() {
        let head = head { $0.add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==") }
        XCTAssertEqual(refusal(of: head)?.status, .badRequest)
    }

    func testAnswersAnotherVersionWithTheOneItSpeaks() {
        for version in [nil, "8", "13, 8", "013", "14", ""] {
            let error = refusal(of: head { $0["Sec-WebSocket-Version"] = version })
            XCTAssertEqual(error?.status, .upgradeRequired, version ?? "missing")
            XCTAssertEqual(error?.headers["Sec-WebSocket-Version"], "13")
        }
        let twice = head { $0.add("Sec-WebSocket-Version", "13") }
        XCTAssertEqual(refusal(of: twice)?.status, .upgradeRequired)
    }

    func testRefusesAnotherMethodAndSaysWhichIsAllowed() {
        for method in [Method.post, .head, .options, .put, "get"] {
            let error = refusal(of: head(method))
            XCTAssertEqual(error?.status, .methodNotAllowed)
            XCTAssertEqual(error?.headers["Allow"], "GET")
        }
    }

    func testReadsConnectionAndUpgradeAsListsInAnyCase() {
        for connection in [
            "keep-alive, Upgrade", "UPGRADE", "upgrade,keep-alive", "close ,\tuPgRaDe ",
        ] {
            XCTAssertNil(refusal(of: head { $0["Connection"] = connection }), connection)
        }
        XCTAssertNil(refusal(of: head { $0["Upgrade"] = "WebSocket" }))
        XCTAssertNil(refusal(of: head { $0["Upgrade"] = "h2c, websocket" }))
    }

    func testRefusesWhatIsNoWebSocketUpgrade() {
        for connection in [nil, "Upgradex", "keep-alive", "up grade"] {
            let head = head { $0["Connection"] = connection }
            XCTAssertEqual(refusal(of: head)?.status, .badRequest)
        }
        for upgrade in [nil, "h2c", "websocketx", "web socket"] {
            XCTAssertEqual(refusal(of: head { $0["Upgrade"] = upgrade })?.status, .badRequest)
        }
        XCTAssertEqual(refusal(of: head(minorVersion: 0))?.status, .badRequest)
        XCTAssertEqual(refusal(of: head(framing: .length(5)))?.status, .badRequest)
        XCTAssertEqual(refusal(of: head(framing: .chunked))?.status, .badRequest)
    }

    func testIgnoresProtocolsAndExtensionsHoweverTheyLook() {
        let head = head { headers in
            headers["Sec-WebSocket-Protocol"] = "a" + String(repeating: " ", count: 32_000) + "b"
            headers["Sec-WebSocket-Extensions"] = "__proto__, constructor; a=\"open"
            let offers = [String](repeating: "permessage-deflate", count: 10_000)
            headers.add("Sec-WebSocket-Extensions", offers.joined(separator: ","))
        }
        XCTAssertNil(refusal(of: head))
    }
}
