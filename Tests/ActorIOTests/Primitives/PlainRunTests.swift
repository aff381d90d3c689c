import XCTest

@testable import ActorIO

final class PlainRunTests: XCTestCase {
    private func end(_ bytes: [UInt8], from start: Int = 0) -> Int {
        PlainRun.end(bytes.span, from: start, to: bytes.count)
    }

    func testARunEndsAtEachSpecialByteAtEachPlace() {
        for special in [UInt8](0..<0x20) + [0x22, 0x5C] {
            for place in 0..<20 {
                var bytes = [UInt8](repeating: 0x61, count: 20)
                bytes[place] = special
                XCTAssertEqual(end(bytes), place, "\(special) at \(place)")
                XCTAssertEqual(end(bytes, from: place), place)
            }
        }
    }

    func testEveryOtherByteIsPlainWhateverIsBesideIt() {
        for plain in UInt8(0x20)...0xFF where plain != 0x22 && plain != 0x5C {
            XCTAssertEqual(end([UInt8](repeating: plain, count: 19)), 19)
            XCTAssertEqual(end([plain, plain, 0x22, plain, plain, plain, plain, plain]), 2)
        }
    }

    func testARunMayBeEmptyAndEndsAtItsEnd() {
        XCTAssertEqual(end([]), 0)
        XCTAssertEqual(PlainRun.end([0x61, 0x62, 0x22].span, from: 0, to: 1), 1)
    }
}
