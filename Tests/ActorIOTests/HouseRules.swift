import Foundation

/// The rules of the house that a text can break, each a function from files to findings.
enum HouseRules {
    /// The staircase: a file may name types of its own room and of the rooms before it.
    static let rooms = [
        "Primitives", "Coding", "EventLoop", "Network", "HTTP", "WebSocket", "Web", "Sessions",
        "Authentication", "EngineIO", "Packets", "Rooms", "SocketIO", "Cluster", "Server",
    ]
    static let foldersWithoutFloor: Set = ["Kernel", "Testing", "ActorIO.docc"]
    static let unsafeRooms: Set = ["Primitives", "EventLoop", "Network"]
    static let packageRooms: Set = [
        "Primitives",
        "EventLoop", "Network", "HTTP", "SocketIO", "Server", "Testing",
    ]
    static let uncheckedFiles: Set = [
        "EventLoop/EventLoop+Time.swift", "EventLoop/EventLoop.swift", "EventLoop/Lane.swift",
        "EventLoop/LoopActor.swift", "EventLoop/LoopTasks.swift",
    ]
    static let foundationFiles: Set = [
        "Coding/PayloadEncoder.swift", "Coding/PayloadDecoder.swift",
    ]
    static let maximumLines = 400
    static let maximumWidth = 100
    static let maximumFunction = 50

    static func staircase(_ files: [SourceText]) -> [String] {
        var home: [String: Int] = [:]
        for file in files {
            for type in file.declared {
                home[type] = floor(file)
            }
        }
        var own: [Int: Set<String>] = [:]
        for file in files {
            floor(file).map { own[$0, default: []].formUnion(file.own) }
        }
        return files.compactMap { file in
            guard let floor = floor(file) else { return nil }
            let upstairs = file.mentioned.subtracting(own[floor] ?? [])
                .filter { home[$0].map { $0 > floor } ?? false }
            return upstairs.isEmpty ? nil : "\(file.name) names \(upstairs.sorted())"
        }
    }

    static func unknownRooms(_ files: [SourceText]) -> [String] {
        files.filter { $0.path.contains("Sources/ActorIO/") }.compactMap { file in
            let room = file.room ?? "no folder"
            let known = rooms.contains(room) || foldersWithoutFloor.contains(room)
            return known ? nil : "\(file.path) is in \(room), which is no room"
        }
    }

    static func longFiles(_ files: [SourceText]) -> [String] {
        files.compactMap { file in
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            return lines > maximumLines ? "\(file.name) has \(lines) lines" : nil
        }
    }

    static func longLines(_ files: [SourceText]) -> [String] {
        files.flatMap { file in
            file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .filter { $0.element.count > maximumWidth }
                .map { "\(file.name):\($0.offset + 1) has \($0.element.count) columns" }
        }
    }

    static func longFunctions(_ files: [SourceText]) -> [String] {
        files.flatMap { file in
            FunctionLengths(file.code).found.filter { $0.lines > maximumFunction }
                .map { "\(file.name):\($0.start) \($0.name) has \($0.lines) lines" }
        }
    }

    /// Files in which a pattern occurs though they are not among the allowed ones.
    static func occurrences(
        of pattern: String,
        in files: [SourceText],
        except allowed: (SourceText) -> Bool
    ) -> [String] {
        files.filter { !allowed($0) }.flatMap { file in
            file.matches(pattern).map { "\(file.name): \($0)" }
        }
    }

    private static func floor(_ file: SourceText) -> Int? {
        file.room.flatMap { rooms.firstIndex(of: $0) }
    }
}

/// Words that have no place, or only some places.
extension HouseRules {
    static func unsafeWords(_ files: [SourceText]) -> [String] {
        // An actor pinned to a loop has to say so, and the language calls that unsafe.
        let pinning = #"(?! \w+\.asUnownedSerialExecutor\(\))"#
        return occurrences(of: #"(?<![\w.])unsafe\b(?!\))"# + pinning, in: files) {
            unsafeRooms.contains($0.room ?? "") || !$0.path.contains("Sources/ActorIO/")
        }
    }

    static func kernelImports(_ files: [SourceText]) -> [String] {
        let found = files.filter { !$0.matches(#"\bimport LinuxKernel\b"#).isEmpty }.map(\.name)
        return found.count > 3 ? found : []
    }

    static func sleeps(_ files: [SourceText]) -> [String] {
        occurrences(
            of: #"\b(?:Task\.sleep|Thread\.sleep|usleep|nanosleep)\b|(?<![.\w])sleep\("#,
            in: files
        ) { !$0.path.contains("Tests/") && $0.room != "Testing" }
    }

    static func traps(_ files: [SourceText]) -> [String] {
        let pattern = #"\bTask\.detached\b|\bfatalError\b|\btry!|\bas!|\buniqueKeysWithValues\b"#
        return occurrences(of: pattern, in: files) { !$0.path.contains("Sources/ActorIO/") }
    }

    static func forcedUnwraps(_ files: [SourceText]) -> [String] {
        occurrences(of: #"[\w)\]]!(?![=\w])"#, in: files) { !$0.path.contains("Sources/ActorIO/") }
    }

    static func unchecked(_ files: [SourceText]) -> [String] {
        occurrences(of: #"@unchecked Sendable|nonisolated\(unsafe\)"#, in: files) {
            uncheckedFiles.contains($0.name)
        }
    }

    /// Listed files that need no exception any more.
    static func staleExceptions(_ files: [SourceText]) -> [String] {
        uncheckedFiles.subtracting(
            files.filter { !$0.matches(#"@unchecked Sendable|nonisolated\(unsafe\)"#).isEmpty }
                .map(\.name)
        ).sorted()
    }

    static func foundation(_ files: [SourceText]) -> [String] {
        let sources = files.filter { $0.path.contains("Sources/") }
        let pattern = #"\bimport (?:\w+ )?Foundation(?:Essentials)?\b"#
        return occurrences(of: pattern, in: sources) { foundationFiles.contains($0.name) }
    }

    static func packageAccess(_ files: [SourceText]) -> [String] {
        let kinds =
            "struct|class|actor|enum|protocol|func|var|let|init|typealias|extension|subscript"
        let words = "final|static|mutating|nonisolated|nonisolated\\(unsafe\\)|lazy|override"
        let pattern = "\\bpackage (?:(?:\(words)) )*(?:\(kinds))\\b|\\bpackage\\(set\\)"
        return occurrences(of: pattern, in: files) {
            packageRooms.contains($0.room ?? "") || !$0.path.contains("Sources/")
        }
    }

    static func fetchedPackages(_ manifests: [SourceText]) -> [String] {
        occurrences(of: #"\.package\(\s*(?:name:\s*"+\s*,\s*)?(?:url|id):"#, in: manifests) { _ in
            false
        }
    }
}

/// The functions of a file and how many lines each has, found by its braces.
struct FunctionLengths {
    private(set) var found: [(name: String, start: Int, lines: Int)] = []
    /// Open functions: their name, first line, and the depth of their braces.
    private var open: [(name: String, start: Int, depth: Int)] = []
    /// A function whose body has not begun.
    private var announced: (name: String, start: Int)?
    private var depth = 0
    private var parentheses = 0

    init(_ code: String) {
        for (number, line) in code.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            read(line, number + 1)
        }
    }

    private mutating func read(_ line: Substring, _ number: Int) {
        var word = ""
        for byte in line.utf8 {
            let scalar = Character(Unicode.Scalar(byte))
            if scalar.isLetter || scalar.isNumber || scalar == "_" {
                word.append(scalar)
                continue
            }
            end(&word, number)
            step(scalar, number)
        }
        end(&word, number)
    }

    private mutating func end(_ word: inout String, _ number: Int) {
        defer { word = "" }
        switch word {
        case "": break
        case "func", "init", "deinit", "subscript":
            if parentheses == 0 { announced = (word, number) }
        case "var", "let", "case", "return":
            if parentheses == 0 { announced = nil }
        default:
            if announced?.name == "func" { announced?.name = word }
        }
    }

    private mutating func step(_ character: Character, _ number: Int) {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses = max(0, parentheses - 1)
        case "{":
            depth += 1
            if let begun = announced, parentheses == 0 {
                open.append((begun.name, begun.start, depth))
                announced = nil
            }
        case "}":
            if let last = open.last, last.depth == depth {
                found.append((last.name, last.start, number - last.start + 1))
                open.removeLast()
            }
            depth -= 1
            if parentheses == 0 { announced = nil }
        default: break
        }
    }
}
