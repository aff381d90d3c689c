import Foundation
import XCTest

@testable import ActorIO

/// The browser client, as it is served.
final class ClientScriptTests: XCTestCase {
    func testBothFormsAreUnderEightThousandBytesOnTheirWay() throws {
        for name in ["socket.io.js", "socket.io.esm.js"] {
            let script = try XCTUnwrap(ClientScript.response(name)).body
            let size = try Self.compressed(script)
            XCTAssertGreaterThan(size, 4_000, name)
            XCTAssertLessThan(size, 8_000, name)
        }
    }

    func testTheModuleIsTheClassicScriptAndALineOfExports() throws {
        let classic = try XCTUnwrap(ClientScript.response("socket.io.min.js")).body
        let module = try XCTUnwrap(ClientScript.response("socket.io.esm.min.js")).body
        XCTAssertEqual(Array(module.prefix(classic.count)), classic)
        let rest = String(decoding: module.dropFirst(classic.count), as: UTF8.self)
        XCTAssertTrue(rest.hasPrefix("\nexport const { connect, Manager, Socket, protocol } = io;"))
        XCTAssertNil(ClientScript.response("socket.io.mjs"))
    }

    /// How many bytes `gzip -6` makes of them, which is what a proxy sends.
    private static func compressed(_ bytes: [UInt8]) throws -> Int {
        let paths = ["/usr/bin/gzip", "/bin/gzip"]
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) })
        else { throw XCTSkip("no gzip here") }
        return try withFile(of: bytes) { script in
            let (gzip, output) = (Process(), Pipe())
            gzip.executableURL = URL(fileURLWithPath: path)
            gzip.arguments = ["-6", "-n", "-c", script]
            gzip.standardOutput = output
            try gzip.run()
            let packed = try output.fileHandleForReading.readToEnd()
            gzip.waitUntilExit()
            XCTAssertEqual(gzip.terminationStatus, 0)
            return packed?.count ?? 0
        }
    }
}
