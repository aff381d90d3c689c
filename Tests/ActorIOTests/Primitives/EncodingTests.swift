import XCTest

@testable import ActorIO

final class EncodingTests: XCTestCase {
    /// RFC 4648, section 10.
    func testBase64SpeaksTheVectorsOfItsRFC() {
        let vectors = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==",
            "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
        ]
        for (plain, encoded) in vectors {
            XCTAssertEqual(Base64.encode([UInt8](plain)), [UInt8](encoded))
            XCTAssertEqual(Base64.decode([UInt8](encoded)[...]), [UInt8](plain))
        }
    }

    func testBase64ComesBackForEveryLengthAndAlphabet() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 73 + 200) }
            for alphabet in [Base64.Alphabet.standard, .url] {
                for padding in [true, false] {
                    let text = Base64.encode(bytes, alphabet, padding: padding)
                    XCTAssertEqual(Base64.decode(text[...], alphabet, padding: padding), bytes)
                }
            }
        }
    }

    func testBase64RefusesWhatNoEncoderWrites() {
        let bad = [
            "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm8=Zm8=", "Zm 9v",
            "Zm9v\n", "Zm-_", "Zm9vYmFy=", "Zm9é",
        ]
        for text in bad {
            XCTAssertNil(Base64.decode([UInt8](text)[...]), text)
        }
        XCTAssertNil(Base64.decode([UInt8]("Zg==")[...], .url, padding: false))
        XCTAssertNil(Base64.decode([UInt8]("Z")[...], .url, padding: false))
        XCTAssertNil(Base64.decode([UInt8]("Zh")[...], .url, padding: false))
        XCTAssertNil(Base64.decode([UInt8]("+/8=")[...], .url))
    }

    func testBase64DecodesASliceInTheMiddleOfSomethingElse() {
        let bytes = [UInt8]("bZm9v,")
        XCTAssertEqual(Base64.decode(bytes[1..<5]), [UInt8]("foo"))
        var out = [UInt8]("b")
        Base64.append([0xFB, 0xFF, 1, 2][..<2], to: &out)
        XCTAssertEqual(out, [UInt8]("b+/8="))
    }

    func testHexReadsBothCasesAndWritesTheLower() {
        XCTAssertEqual(Hex.encode([0, 0x7F, 0xAB]), "007fab")
        XCTAssertEqual(Hex.decode([UInt8]("007FaB")[...]), [0, 0x7F, 0xAB])
        XCTAssertNil(Hex.decode([UInt8]("0")[...]))
        XCTAssertNil(Hex.decode([UInt8]("0g")[...]))
    }

    func testPercentEscapesAreRead() {
        func decode(_ text: String, plusIsSpace: Bool = true) -> [UInt8]? {
            PercentCoding.decode([UInt8](text)[...], plusIsSpace: plusIsSpace)
        }
        XCTAssertEqual(decode("a+b%2Bc%c3%A9"), [UInt8]("a b+cé"))
        XCTAssertEqual(decode("a+b", plusIsSpace: false), [UInt8]("a+b"))
        XCTAssertEqual(decode("%00%ff"), [0, 0xFF])
        for bad in ["%", "%4", "%zz", "a%4g", "100%"] {
            XCTAssertNil(decode(bad), bad)
        }
        XCTAssertNil(PercentCoding.decode([UInt8]("%41")[..<2], plusIsSpace: true))
    }

    func testEncodesComponentsAsJavaScriptDoes() {
        XCTAssertEqual(
            PercentCoding.encodeURIComponent("s:a+b/c=d é-_.!~*'()"),
            "s%3Aa%2Bb%2Fc%3Dd%20%C3%A9-_.!~*'()"
        )
    }
}
