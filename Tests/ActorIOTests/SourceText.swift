import Foundation

/// One source file as the house rules see it.
struct SourceText {
    let path: String
    let text: String
    /// The text without comments and string literals; lines stay where they were.
    let code: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
        var stripper = Stripper(text)
        self.code = stripper.run()
    }

    /// The folder below `Sources/ActorIO/`, or nil for a file that is in no room.
    var room: String? {
        guard let range = path.range(of: "Sources/ActorIO/") else { return nil }
        let parts = path[range.upperBound...].split(separator: "/")
        return parts.count > 1 ? String(parts[0]) : nil
    }

    var name: String {
        path.split(separator: "/").suffix(2).joined(separator: "/")
    }

    /// Every match of a pattern in the code: its first group, or all of it.
    func matches(_ pattern: String) -> [String] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else {
            return ["bad pattern \(pattern)"]
        }
        let whole = NSRange(code.startIndex..., in: code)
        return expression.matches(in: code, range: whole).compactMap { match in
            let range = match.numberOfRanges > 1 ? match.range(at: 1) : match.range
            return Range(range, in: code).map { String(code[$0]) }
        }
    }

    /// Types a lower room must not name: the ones at the top level of the file.
    var declared: Set<String> {
        Set(matches(#"(?m)^(?:[a-z@()]+ )*(?:struct|class|enum|actor|protocol|typealias) (\w+)"#))
    }

    /// Names that mean something of this file's own: nested types and generic parameters.
    var own: Set<String> {
        let nested = matches(
            #"\b(?:struct|class|enum|actor|protocol|typealias|associatedtype) (\w+)"#
        )
        return Set(nested + matches(#"[<,]\s*(?:each )?([A-Z]\w*)\s*(?=[:,>])"#)).subtracting(
            declared
        )
    }

    /// Every capitalised word that is not a member of something else.
    var mentioned: Set<String> {
        Set(matches(#"(?<![.\w])([A-Z]\w*)"#))
    }
}

extension SourceText {
    /// The repository, found from this file's own place.
    static let root = URL(fileURLWithPath: #filePath)
        .resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file below some folders whose name ends in one of some ways.
    static func files(in folders: [String], suffix: String = ".swift") -> [SourceText] {
        folders.flatMap { folder in
            let start = root.appendingPathComponent(folder)
            let paths = FileManager.default.enumerator(atPath: start.path)?.allObjects ?? []
            return paths.compactMap { $0 as? String }
                .filter { $0.hasSuffix(suffix) && !$0.contains(".build/") }
                .sorted()
                .compactMap { path in
                    let file = start.appendingPathComponent(path)
                    let text = try? String(contentsOf: file, encoding: .utf8)
                    return text.map { SourceText("\(folder)/\(path)", $0) }
                }
        }
    }
}

/// Blanks comments and string literals, keeps what is interpolated.
private struct Stripper {
    private let bytes: [UInt8]
    private var index = 0
    private var out: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    mutating func run() -> String {
        code(until: nil)
        return String(decoding: out, as: UTF8.self)
    }

    /// Copies code up to a closing parenthesis of the same depth, or to the end.
    private mutating func code(until close: UInt8?) {
        var depth = 0
        while index < bytes.count {
            if starts("//") {
                skip { $0.starts("\n") }
            } else if starts("/*") {
                comment()
            } else if starts("\"") || starts("#\"") || starts("##\"") {
                string()
            } else {
                let byte = bytes[index]
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if depth == 0, close != nil { return }
                    depth -= 1
                }
                out.append(byte)
                index += 1
            }
        }
    }

    private mutating func comment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                index += 2
            } else if starts("*/") {
                depth -= 1
                index += 2
            } else {
                keepLine()
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func string() {
        var hashes = ""
        while starts("#") {
            hashes += "#"
            index += 1
        }
        // Three quotes begin a text of several lines only at the end of a line.
        let quote = starts("\"\"\"\n") ? "\"\"\"" : "\""
        index += quote.utf8.count
        out.append(UInt8(ascii: "\""))
        while index < bytes.count, !starts(quote + hashes) {
            if starts("\\" + hashes + "(") {
                index += 2 + hashes.utf8.count
                code(until: UInt8(ascii: ")"))
            } else if hashes.isEmpty, starts("\\") {
                index += 1
            }
            keepLine()
        }
        index = min(bytes.count, index + quote.utf8.count + hashes.utf8.count)
        out.append(UInt8(ascii: "\""))
    }

    /// Passes one byte over; a line break stays.
    private mutating func keepLine() {
        guard index < bytes.count else { return }
        if bytes[index] == UInt8(ascii: "\n") {
            out.append(UInt8(ascii: "\n"))
        }
        index += 1
    }

    private mutating func skip(until end: (Stripper) -> Bool) {
        while index < bytes.count, !end(self) {
            index += 1
        }
    }

    private func starts(_ text: String) -> Bool {
        guard index + text.utf8.count <= bytes.count else { return false }
        var at = index
        for byte in text.utf8 {
            guard bytes[at] == byte else { return false }
            at += 1
        }
        return true
    }
}
