import XCTest

/// Walls without import statements: the rules of the house, read from the sources themselves.
///
/// Every rule has a second test that plants a violation, so that it is known to bite.
final class HouseTests: XCTestCase {
    private static let sources = SourceText.files(in: ["Sources"])
    private static let tests = SourceText.files(in: ["Tests"])
    private static var all: [SourceText] { sources + tests }

    func testTheSourcesAreFound() {
        XCTAssertGreaterThan(Self.sources.count, 10)
        XCTAssertGreaterThan(Self.tests.count, 5)
    }

    func testNoFileNamesATypeThatLivesUpstairs() {
        XCTAssertEqual(HouseRules.staircase(Self.sources), [])
    }

    func testEveryFileIsInARoom() {
        XCTAssertEqual(HouseRules.unknownRooms(Self.sources), [])
    }

    func testFilesLinesAndFunctionsHaveTheirCeilings() {
        XCTAssertEqual(HouseRules.longFiles(Self.all), [])
        XCTAssertEqual(HouseRules.longLines(Self.all), [])
        XCTAssertEqual(HouseRules.longFunctions(Self.all), [])
    }

    func testUnsafeCodeStaysInThreeRooms() {
        XCTAssertEqual(HouseRules.unsafeWords(Self.sources), [])
    }

    func testTheKernelIsImportedInThreeFilesAtMost() {
        XCTAssertEqual(HouseRules.kernelImports(Self.sources), [])
    }

    func testNoTestSleeps() {
        XCTAssertEqual(HouseRules.sleeps(Self.all), [])
    }

    func testNothingInTheLibraryTrapsOrDetaches() {
        XCTAssertEqual(HouseRules.traps(Self.sources), [])
        XCTAssertEqual(HouseRules.forcedUnwraps(Self.sources), [])
    }

    func testUncheckedConcurrencyIsListed() {
        XCTAssertEqual(HouseRules.unchecked(Self.sources), [])
        XCTAssertEqual(HouseRules.staleExceptions(Self.sources), [])
        for name in HouseRules.uncheckedFiles { XCTAssertTrue(name.hasPrefix("EventLoop/")) }
    }

    func testFoundationStaysOut() {
        XCTAssertEqual(HouseRules.foundation(Self.sources), [])
    }

    func testPackageAccessIsForTheTestKitOnly() {
        XCTAssertEqual(HouseRules.packageAccess(Self.sources), [])
    }

    func testNoManifestFetchesAPackage() {
        let manifests = SourceText.files(in: ["Examples"], suffix: "Package.swift")
        let path = SourceText.root.appendingPathComponent("Package.swift")
        let own = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        XCTAssertFalse(own.isEmpty)
        let found = HouseRules.fetchedPackages(manifests + [SourceText("Package.swift", own)])
        XCTAssertEqual(found, [])
    }
}

/// The rules on planted texts.
final class HouseRulesTests: XCTestCase {
    private func file(_ path: String, _ text: String) -> SourceText {
        SourceText("Sources/ActorIO/\(path)", text)
    }

    func testTheStaircaseFindsATypeFromUpstairs() {
        let room = file("Rooms/Room.swift", "public struct Room: Sendable {}\n")
        let request = file("HTTP/Request.swift", "struct Request {\n    var room: Room?\n}\n")
        XCTAssertEqual(
            HouseRules.staircase([room, request]),
            ["HTTP/Request.swift names [\"Room\"]"]
        )
        let socket = file("SocketIO/Socket.swift", "@unchecked actor Socket { let a: [Room] }")
        XCTAssertEqual(HouseRules.staircase([room, socket]), [])
    }

    func testTheStaircaseReadsInterpolationsButNotTexts() {
        let room = file("Rooms/Room.swift", "struct Room {}")
        let named = file("HTTP/A.swift", #"let a = "x \(f(Room.self, ")")) y""#)
        XCTAssertEqual(HouseRules.staircase([room, named]).count, 1)
        for text in [
            "// Room", "/* a /* Room */ Room */", #"let a = "Room \" Room""#,
            "let a = \"\"\"\n  Room \"Room\"\n  \"\"\"", "let a = #\"\"Room\"\"#",
            "let a = Log.Room",
            "struct Outer { struct Room {}; let room: Room }",
            "func f<Room: Sendable>(_ a: Room) {}",
        ] {
            XCTAssertEqual(HouseRules.staircase([room, file("HTTP/A.swift", text)]), [], text)
        }
    }

    func testAFileOutsideTheRoomsIsFound() {
        XCTAssertEqual(HouseRules.unknownRooms([file("Utilities/A.swift", "")]).count, 1)
        XCTAssertEqual(HouseRules.unknownRooms([file("A.swift", "")]).count, 1)
        XCTAssertEqual(HouseRules.unknownRooms([file("Kernel/A.swift", "")]), [])
    }

    func testLongFilesAndLinesAreFound() {
        let lines = String(repeating: "let a = 1\n", count: 401)
        XCTAssertEqual(HouseRules.longFiles([file("HTTP/A.swift", lines)]).count, 1)
        XCTAssertEqual(
            HouseRules.longFiles([file("HTTP/A.swift", String(lines.dropLast(10)))]),
            []
        )
        let wide = String(repeating: "a", count: 101)
        XCTAssertEqual(HouseRules.longLines([file("HTTP/A.swift", "\n" + wide)]).count, 1)
    }

    func testLongFunctionsAreFound() {
        let body = String(repeating: "    let a = { 1 }\n", count: 49)
        for head in [
            "func f(\n    _ a: (Int) -> Int = { $0 }\n)", "init()", "subscript(a: Int) -> Int",
        ] {
            let long = file("HTTP/A.swift", "struct A {\n\(head) {\n\(body)}\n}\n")
            XCTAssertEqual(HouseRules.longFunctions([long]).count, 1, head)
        }
        let short = "protocol P {\n    func f()\n}\nstruct A {\n\(body)}\nfunc g() {\n}\n"
        XCTAssertEqual(HouseRules.longFunctions([file("HTTP/A.swift", short)]), [])
    }

    func testUnsafeWordsAreFound() {
        let text = "let a = unsafe b"
        let pinning = "{ unsafe loop.asUnownedSerialExecutor() }"
        XCTAssertEqual(HouseRules.unsafeWords([file("HTTP/A.swift", pinning)]), [])
        XCTAssertEqual(HouseRules.unsafeWords([file("HTTP/A.swift", text)]).count, 1)
        XCTAssertEqual(HouseRules.unsafeWords([file("Network/A.swift", text)]), [])
    }

    func testAFourthKernelImportIsFound() {
        let files = ["A", "B", "C", "D"].map { file("Network/\($0).swift", "import LinuxKernel") }
        XCTAssertEqual(HouseRules.kernelImports(files).count, 4)
        XCTAssertEqual(HouseRules.kernelImports(Array(files.dropLast())), [])
    }

    func testSleepsAreFound() {
        for text in [
            "try await Task.sleep(for: .seconds(1))", "usleep(1)",
            "Thread.sleep(forTimeInterval: 1)",
            "Glibc.usleep(1)", "    sleep(1)",
        ] {
            XCTAssertEqual(HouseRules.sleeps([SourceText("Tests/A.swift", text)]).count, 1, text)
        }
        XCTAssertEqual(HouseRules.sleeps([SourceText("Tests/A.swift", "loop.sleep(1)")]), [])
    }

    func testTrapsAndDetachedTasksAreFound() {
        for text in [
            "Task.detached { }", "fatalError()", "try! f()", "a as! B",
            "Dictionary(uniqueKeysWithValues: a)",
        ] {
            XCTAssertEqual(HouseRules.traps([file("HTTP/A.swift", text)]).count, 1, text)
        }
        for text in ["a!.b", "f()!", "a[0]!", "var a: Int!"] {
            XCTAssertEqual(HouseRules.forcedUnwraps([file("HTTP/A.swift", text)]).count, 1, text)
        }
        XCTAssertEqual(HouseRules.forcedUnwraps([file("HTTP/A.swift", "a != b && !c")]), [])
    }

    func testUncheckedConcurrencyIsFound() {
        for text in ["class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1"] {
            XCTAssertEqual(HouseRules.unchecked([file("HTTP/A.swift", text)]).count, 1, text)
        }
        let listed = file("EventLoop/Lane.swift", "class Lane: @unchecked Sendable {}")
        XCTAssertEqual(HouseRules.unchecked([listed]), [])
        XCTAssertEqual(
            HouseRules.staleExceptions([listed]).count,
            HouseRules.uncheckedFiles.count - 1
        )
    }

    func testFoundationIsFound() {
        for text in ["import Foundation", "public import struct Foundation.Data"] {
            XCTAssertEqual(HouseRules.foundation([file("HTTP/A.swift", text)]).count, 1, text)
        }
        let essentials = "public import FoundationEssentials"
        XCTAssertEqual(HouseRules.foundation([file("HTTP/A.swift", essentials)]).count, 1)
        XCTAssertEqual(HouseRules.foundation([file("Coding/PayloadEncoder.swift", essentials)]), [])
    }

    func testPackageAccessIsFound() {
        for text in ["package struct A {}", "package final class A {}", "package(set) var a = 1"] {
            XCTAssertEqual(HouseRules.packageAccess([file("Web/A.swift", text)]).count, 1, text)
        }
        XCTAssertEqual(
            HouseRules.packageAccess([file("Web/A.swift", "let package = Package()")]),
            []
        )
    }

    func testFetchedPackagesAreFound() {
        for text in [
            ".package(url: \"https://example.org/a\", from: \"1.0.0\")", ".package(id: \"a.b\")",
            ".package(name: \"a\", url: \"b\")",
        ] {
            let manifest = SourceText("Package.swift", text)
            XCTAssertEqual(HouseRules.fetchedPackages([manifest]).count, 1, text)
        }
        let local = SourceText("Package.swift", ".package(path: \"../..\")")
        XCTAssertEqual(HouseRules.fetchedPackages([local]), [])
    }
}
