import Foundation

/// The table of features in the documentation, as its test reads it.
struct FeatureTable {
    struct Row: Equatable {
        let number: Int
        let cells: [String]

        /// What the row says in place of tests when it does not apply.
        var exemption: String? {
            let last = cells.last ?? ""
            return ["not in Swift:", "later:"].contains { last.hasPrefix($0) } ? last : nil
        }

        /// The tests the row names, as `Class.function`.
        var tests: [String] {
            (cells.last ?? "").split(separator: "`", omittingEmptySubsequences: false)
                .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
    }

    static let numbers = 1...105
    let rows: [Row]

    /// Reads every line of the form `| F1 | … | … | … |`.
    init(_ text: String) {
        rows = text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard let first = cells.first, first.hasPrefix("F"), let number = Int(first.dropFirst())
            else { return nil }
            return Row(number: number, cells: Array(cells.dropFirst()))
        }
    }

    /// What is wrong with the table, when these are the tests there are.
    func findings(_ known: Set<String>) -> [String] {
        let seen = rows.map(\.number)
        let missing = Self.numbers.filter { !seen.contains($0) }.map { "F\($0) is missing" }
        let repeated = Set(seen.filter { number in seen.count { $0 == number } > 1 }).sorted()
        let foreign = seen.filter { !Self.numbers.contains($0) }
        return missing + repeated.map { "F\($0) is there twice" }
            + foreign.map { "F\($0) is no feature" } + rows.flatMap { Self.findings($0, known) }
    }

    private static func findings(_ row: Row, _ known: Set<String>) -> [String] {
        let name = "F\(row.number)"
        guard row.cells.count == 3, !row.cells.contains("") else {
            return ["\(name) does not have three full cells"]
        }
        if let exemption = row.exemption {
            let reason = exemption.split(separator: ":", maxSplits: 1).last ?? ""
            let isShort = reason.count < 10
            return isShort ? ["\(name) gives no reason"] : []
        }
        if row.cells[2].contains("pending:") { return ["\(name) is \(row.cells[2])"] }
        guard !row.tests.isEmpty else { return ["\(name) names no test"] }
        return row.tests.filter { !known.contains($0) }.map { "\(name) names \($0)" }
    }

    /// Every test function of these files by its class or struct, as `Class.function`.
    ///
    /// A function belongs to the type that was opened last at the left margin.
    static func testNames(_ files: [SourceText]) -> Set<String> {
        var names: Set<String> = []
        for file in files {
            var type = ""
            var isMarked = false
            for line in file.code.split(separator: "\n", omittingEmptySubsequences: false) {
                if let name = Self.type(line) { type = name }
                if line.contains("@Test") { isMarked = true }
                guard let name = Self.function(line) else { continue }
                if name.hasPrefix("test") || isMarked { names.insert("\(type).\(name)") }
                isMarked = false
            }
        }
        return names
    }

    private static func type(_ line: Substring) -> String? {
        let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        let openers: Set<Substring> = ["class", "struct", "enum", "actor", "extension"]
        guard line.first?.isWhitespace == false,
            let place = words.firstIndex(where: openers.contains)
        else { return nil }
        return place + 1 < words.count ? String(words[place + 1]) : nil
    }

    private static func function(_ line: Substring) -> String? {
        guard let mark = line.range(of: "func ") else { return nil }
        let before = line[..<mark.lowerBound].trimmingCharacters(in: .whitespaces)
        guard before.isEmpty || before.hasPrefix("@Test") else { return nil }
        let name = line[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return name.isEmpty ? nil : String(name)
    }
}
