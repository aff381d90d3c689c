import XCTest

@testable import ActorIO

final class HashTests: XCTestCase {
    private static let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    private static let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)

    /// RFC 3174, section 7.3, and FIPS 180-4's examples.
    func testSHA1SpeaksTheVectorsOfItsRFC() {
        XCTAssertEqual(sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d")
        XCTAssertEqual(sha1(Self.long), "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        XCTAssertEqual(sha1(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        XCTAssertEqual(
            Hex.encode(SHA1.hash(Self.million)),
            "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
        )
        let repeated = String(repeating: "01234567", count: 80)
        XCTAssertEqual(sha1(repeated), "dea356a2cddd90c7a7ecedc5ebb563934f460452")
    }

    /// RFC 6455, section 1.3.
    func testSHA1AnswersTheKeyOfTheWebSocketRFC() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        XCTAssertEqual(
            Base64.encode(SHA1.hash([UInt8](key))),
            [UInt8]("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        )
    }

    func testSHA256SpeaksTheVectorsOfItsStandard() {
        XCTAssertEqual(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        XCTAssertEqual(
            sha256(Self.long),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
        XCTAssertEqual(
            sha256(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        XCTAssertEqual(
            Hex.encode(SHA256.hash(Self.million)),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    /// The digests of 55, 56, 63, 64 and 65 times "a": where the padding changes shape.
    func testSHA256PadsRightAroundTheEndOfABlock() {
        let expected = [
            55: "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
            56: "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
            63: "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34",
            64: "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
            65: "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0",
        ]
        for (count, digest) in expected {
            XCTAssertEqual(sha256(String(repeating: "a", count: count)), digest, "\(count)")
        }
    }

    func testSHA1PadsRightAroundTheEndOfABlock() {
        let expected = [
            55: "c1c8bbdc22796e28c0e15163d20899b65621d65a",
            56: "c2db330f6083854c99d4b5bfb6e8f29f201be699",
            64: "0098ba824b5c16427bd7a1122a5a442a25ec644d",
        ]
        for (count, digest) in expected {
            XCTAssertEqual(sha1(String(repeating: "a", count: count)), digest, "\(count)")
        }
    }

    func testSHA256DoesNotCareHowAMessageIsCut() {
        let message = (0..<200).map { UInt8($0) }
        let whole = SHA256.hash(message)
        for first in stride(from: 0, through: 200, by: 7) {
            for second in stride(from: first, through: 200, by: 13) {
                var hash = SHA256()
                hash.update(Array(message[..<first]))
                hash.update(Array(message[first..<second]))
                hash.update(Array(message[second...]))
                XCTAssertEqual(hash.finish(), whole, "\(first) \(second)")
            }
        }
    }

    func testConstantTimeComparisonIsAComparison() {
        XCTAssertTrue(constantTimeEqual([], []))
        XCTAssertTrue(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        XCTAssertFalse(constantTimeEqual([1, 2, 3], [1, 2, 4]))
        XCTAssertFalse(constantTimeEqual([0, 2, 3], [1, 2, 3]))
        XCTAssertFalse(constantTimeEqual([1, 2], [1, 2, 0]))
    }

    private func sha1(_ text: String) -> String {
        Hex.encode(SHA1.hash([UInt8](text)))
    }

    private func sha256(_ text: String) -> String {
        Hex.encode(SHA256.hash([UInt8](text)))
    }
}
