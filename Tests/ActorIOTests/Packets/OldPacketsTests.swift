import XCTest

@testable import ActorIO

final class OldPacketsTests: XCTestCase {
    private func parse(
        _ text: String,
        _ limits: PacketParser.Limits = PacketParser.Limits()
    ) throws -> SocketPacket {
        try OldPackets.parse(Array(text.utf8), from: 1, limits: limits)
    }

    /// The payload of a CONNECT.
    private func auth(_ text: String) throws -> String {
        let packet = try parse(text)
        XCTAssertEqual(packet.kind, .connect)
        return String(decoding: packet.bytes[packet.payload], as: UTF8.self)
    }

    func testTheQueryOfANameIsTheAuthObject() throws {
        XCTAssertEqual(try auth("40/admin?k=v,"), #"{"k":"v"}"#)
        XCTAssertEqual(try auth("40/admin?k=v"), #"{"k":"v"}"#)
        XCTAssertEqual(
            try auth("40/admin?a=%22%2C+%C3%A9&b&c=1=2&&"),
            #"{"a":"\", é","b":"","c":"1=2"}"#
        )
        XCTAssertEqual(try auth("40/admin?k=1&%6B=2&k=3"), #"{"k":"1"}"#)
        XCTAssertEqual(try auth("40/admin?a=%&b=%C3&c=%00&d=x"), #"{"d":"x"}"#)
        for bare in ["40/admin,", "40/admin", "40/admin?,", "40/admin?&&,", "40"] {
            XCTAssertEqual(try auth(bare), "", bare)
        }
        XCTAssertEqual(try parse("40/admin?k=v?w,").namespace, "/admin")
        XCTAssertEqual(try parse("40/?k=v,").namespace, "/")
    }

    func testAPayloadOfACONNECTIsNotItsAuth() throws {
        XCTAssertEqual(try auth(#"40/admin,{"k":"v"}"#), "")
        XCTAssertEqual(try auth(#"40/admin?k=q,{"k":"v"}"#), #"{"k":"q"}"#)
    }

    func testOtherPacketsLoseTheQueryAndNothingElse() throws {
        let event = try parse(#"42/admin?k=v,7["a?b",1]"#)
        XCTAssertEqual(event.namespace, "/admin")
        XCTAssertEqual(event.event, "a?b")
        XCTAssertEqual(event.id, 7)
        let ends = try parse("41/admin?k=v")
        XCTAssertEqual(ends.kind, .disconnect)
        XCTAssertEqual(ends.namespace, "/admin")
        XCTAssertEqual(try parse(#"42["?"]"#).namespace, "/")
    }

    func testANameKeepsItsLimitAndItsQueryHasALargerOne() throws {
        let name = "/" + String(repeating: "n", count: 255)
        let token = String(repeating: "t", count: 2_000)
        XCTAssertEqual(try auth("40\(name)?k=\(token),"), "{\"k\":\"\(token)\"}")
        XCTAssertThrowsError(try parse("40\(name)n?k=v,"))
        XCTAssertThrowsError(try parse("40\(name)n,"))
        XCTAssertThrowsError(try parse("40/n?k=\(String(repeating: "t", count: 8_200)),"))
    }

    func testYesHasNoPayloadAndNoIsABareValue() {
        func text(_ group: MessageGroup) -> String {
            String(decoding: group.storage[group.text], as: UTF8.self)
        }
        XCTAssertEqual(text(try OldPackets.accepted("/")), "40")
        XCTAssertEqual(text(try OldPackets.accepted("/admin")), "40/admin,")
        XCTAssertEqual(
            text(try OldPackets.refused("a\"b", data: nil, namespace: "/")),
            #"44"a\"b""#
        )
        let data = Array(#"{"a":1}"#.utf8)
        XCTAssertEqual(
            text(try OldPackets.refused("no", data: data, namespace: "/admin")),
            #"44/admin,{"a":1}"#
        )
        let null = Array("null".utf8)
        XCTAssertEqual(text(try OldPackets.refused("no", data: null, namespace: "/")), #"44"no""#)
    }
}
