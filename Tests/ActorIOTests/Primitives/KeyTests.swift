import XCTest

@testable import ActorIO

/// RFC 4231 (HMAC) and RFC 7914, section 11 (PBKDF2).
final class KeyTests: XCTestCase {
    func testHMACSpeaksTheVectorsOfItsRFC() {
        check(
            key: [UInt8](repeating: 0x0B, count: 20),
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        )
        check(
            key: [UInt8]("Jefe"),
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        check(
            key: [UInt8](repeating: 0xAA, count: 20),
            [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        )
        check(
            key: Array(1...25),
            [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        )
    }

    func testHMACHashesKeysLongerThanABlock() {
        let key = [UInt8](repeating: 0xAA, count: 131)
        check(
            key: key,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        )
        let message =
            "This is a test using a larger than block-size key and a larger than block-size "
            + "data. The key needs to be hashed before being used by the HMAC algorithm."
        check(
            key: key,
            message,
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        )
    }

    func testPBKDF2SpeaksTheVectorsOfScryptsRFC() {
        let one = PBKDF2.key(
            password: [UInt8]("passwd"),
            salt: [UInt8]("salt"),
            rounds: 1,
            length: 64
        )
        XCTAssertEqual(
            Hex.encode(one),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        )
    }

    /// The second vector of RFC 7914 has 80,000 rounds: it also shows that a debug build copes.
    func testPBKDF2SurvivesManyRounds() {
        let many = PBKDF2.key(
            password: [UInt8]("Password"),
            salt: [UInt8]("NaCl"),
            rounds: 80_000,
            length: 64
        )
        XCTAssertEqual(
            Hex.encode(many),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
                + "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"
        )
    }

    func testAKeyOfAnyLengthIsAPrefixOfALongerOne() {
        let long = PBKDF2.key(password: [1], salt: [2], rounds: 3, length: 70)
        for length in [0, 1, 31, 32, 33, 64] {
            XCTAssertEqual(
                PBKDF2.key(password: [1], salt: [2], rounds: 3, length: length),
                Array(long.prefix(length))
            )
        }
    }

    private func check(key: [UInt8], _ text: String, _ expected: String) {
        check(key: key, [UInt8](text), expected)
    }

    private func check(key: [UInt8], _ message: [UInt8], _ expected: String) {
        XCTAssertEqual(Hex.encode(HMACSHA256(key: key).code(for: message)), expected)
    }
}
