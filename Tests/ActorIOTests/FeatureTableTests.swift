import XCTest

/// The table of features is complete, and every test it names exists.
final class FeatureTableTests: XCTestCase {
    private static let known = FeatureTable.testNames(SourceText.files(in: ["Tests/ActorIOTests"]))

    func testEveryFeatureHasARowAndEveryRowATestThatExists() throws {
        let path = "Sources/ActorIO/ActorIO.docc/Features.md"
        let file = SourceText.root.appendingPathComponent(path)
        let text = try String(contentsOf: file, encoding: .utf8)
        XCTAssertEqual(FeatureTable(text).findings(Self.known), [])
    }

    func testTheTestsAreFound() {
        XCTAssertGreaterThan(Self.known.count, 500)
        XCTAssertTrue(
            Self.known.contains(
                "FeatureTableTests.testEveryFeatureHasARowAndEveryRowATestThatExists"
            )
        )
        XCTAssertTrue(Self.known.contains("JSONScannerTests.acceptsWhatRFC8259Allows"))
        XCTAssertFalse(Self.known.contains { $0.hasPrefix(".") })
    }

    // Planted violations

    private static func table(_ rows: [Int: String] = [:], without hole: Int? = nil) -> String {
        FeatureTable.numbers.filter { $0 != hole }
            .map { "| F\($0) | \(rows[$0] ?? "a thing | `call` | `A.testOne`") |" }
            .joined(separator: "\n")
    }

    private func findings(_ text: String) -> [String] {
        FeatureTable(text).findings(["A.testOne", "A.testTwo"])
    }

    func testACompleteTableHasNoFindings() {
        XCTAssertEqual(findings(Self.table()), [])
        let heading = "# Features\n\n| # | What | Here | Tests |\n| --- | --- | --- | --- |\n"
        XCTAssertEqual(findings(heading + Self.table()), [])
        let two = Self.table([7: "a | b | `A.testOne`, `A.testTwo`"])
        XCTAssertEqual(findings(two), [])
    }

    func testARowThatIsMissingTwiceThereOrForeignIsFound() {
        XCTAssertEqual(findings(Self.table(without: 42)), ["F42 is missing"])
        let twice = Self.table() + "\n| F5 | a | b | `A.testOne` |"
        XCTAssertEqual(findings(twice), ["F5 is there twice"])
        let foreign = Self.table() + "\n| F106 | a | b | `A.testOne` |"
        XCTAssertEqual(findings(foreign), ["F106 is no feature"])
    }

    func testARowWithoutATestIsFoundUnlessItSaysWhyInTheFixedForm() {
        XCTAssertEqual(findings(Self.table([3: "a | b | none"])), ["F3 names no test"])
        XCTAssertEqual(
            findings(Self.table([3: "a | b | "])),
            ["F3 does not have three full cells"]
        )
        XCTAssertEqual(findings(Self.table([3: "a | b | later: the cluster brings it"])), [])
        XCTAssertEqual(findings(Self.table([3: "a | b | not in Swift: types do it"])), [])
        XCTAssertEqual(findings(Self.table([3: "a | b | later:"])), ["F3 gives no reason"])
    }

    func testARowThatIsPendingIsFound() {
        let pending = Self.table([3: "a | b | pending:engine"])
        XCTAssertEqual(findings(pending), ["F3 is pending:engine"])
    }

    func testATestThatDoesNotExistIsFound() {
        XCTAssertEqual(
            findings(Self.table([3: "a | b | `A.testOne`, `A.testGone`"])),
            ["F3 names A.testGone"]
        )
    }

    func testTestFunctionsAreReadFromTheSources() {
        let text = """
            final class A: XCTestCase {
                func testOne() {}
                private func helper() {}
                // func testComment() {}
                func testTwo() async throws { print("func testText()") }
            }
            struct B {
                @Test func short() {}
                @Test(arguments: [
                    1,
                ])
                func long(_ a: Int) {}
                func helper() {}
            }
            """
        XCTAssertEqual(
            FeatureTable.testNames([SourceText("Tests/A.swift", text)]),
            ["A.testOne", "A.testTwo", "B.short", "B.long"]
        )
    }
}
