import Foundation
import XCTest

@testable import ActorIO

final class RegularFileTests: XCTestCase {
    func testAFileIsReadInPieces() throws {
        try withFile(of: Array("0123456789".utf8)) { path in
            let file = try XCTUnwrap(RegularFile.open(path))
            XCTAssertEqual(file.size, 10)
            XCTAssertEqual(file.read(at: 0, count: 4), Array("0123".utf8))
            XCTAssertEqual(file.read(at: 8, count: 4), Array("89".utf8))
            XCTAssertEqual(file.read(at: 10, count: 4), [])
            XCTAssertEqual(file.read(at: -1, count: 4), [])
            XCTAssertEqual(file.read(at: 0, count: 0), [])
            XCTAssertLessThan(abs(file.modified - Int(SystemClock.unixMilliseconds / 1_000)), 60)
        }
    }

    func testWhatIsNoRegularFileIsNotOpened() throws {
        let directory = FileManager.default.temporaryDirectory.path
        for path in [directory, "/dev/null", "/nowhere/at/all", "", "/etc/passwd\0.txt"] {
            XCTAssertNil(RegularFile.open(path), path)
        }
        let pipe = directory + "/actorio-" + Token.text(bytes: 9)
        XCTAssertEqual(unsafe mkfifo(pipe, 0o600), 0)
        defer { try? FileManager.default.removeItem(atPath: pipe) }
        // A pipe without a writer must not make the loop wait either.
        XCTAssertNil(RegularFile.open(pipe))
    }

    func testTheDescriptorIsClosedWithTheLastUser() throws {
        try withFile(of: [1, 2, 3]) { path in
            let before = openDescriptors()
            var slices = (0..<20).compactMap { _ in
                RegularFile.open(path).map { FileSlice(file: $0, range: 0..<3) }
            }
            XCTAssertEqual(openDescriptors(), before + 20)
            slices = []
            XCTAssertEqual(slices.count, 0)
            XCTAssertEqual(openDescriptors(), before)
        }
    }
}

/// How many descriptors this process has open, as the kernel tells it.
func openDescriptors() -> Int {
    let list = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    // Listing the directory takes one itself.
    return (list?.count ?? 1) - 1
}
