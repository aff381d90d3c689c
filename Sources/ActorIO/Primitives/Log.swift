#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the library says what happened: a level and a closure the application chooses.
///
/// ```swift
/// let log = Log(level: .notice) { entry in
///     print(entry.line)
/// }
/// ```
/// Messages and fields reach the closure already escaped and cut, so that nothing a client sent
/// can break a line, colour a terminal or fill a disk.
public struct Log: Sendable {
    /// How much an entry matters.
    public enum Level: Int, Comparable, Sendable {
        /// From what helps to find a fault, to what is one.
        case debug, info, notice, warning, error

        /// Orders levels by how much they matter.
        public static func < (left: Level, right: Level) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// Logs nothing.
    public static let disabled = Log(level: .error, sink: nil)

    /// One line for each entry from `info` upwards, on the standard error stream.
    public static let standardError = Log(level: .info) { entry in
        Log.writeToStandardError([UInt8](entry.line + "\n"))
    }

    /// Entries below this level are not even built.
    public var level: Level
    private let sink: (@Sendable (Entry) -> Void)?

    /// Hands every entry from `level` upwards to a closure, on the thread that logged it.
    public init(level: Level = .info, _ sink: @escaping @Sendable (Entry) -> Void) {
        self.init(level: level, sink: sink)
    }

    private init(level: Level, sink: (@Sendable (Entry) -> Void)?) {
        self.level = level
        self.sink = sink
    }

    func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.debug, message, fields)
    }

    func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.info, message, fields)
    }

    func notice(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.notice, message, fields)
    }

    func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.warning, message, fields)
    }

    func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        record(.error, message, fields)
    }

    typealias Fields = [String: String]

    private func record(_ level: Level, _ message: () -> String, _ fields: () -> Fields) {
        guard let sink, level >= self.level else { return }
        sink(Entry(level, message(), fields()))
    }

    private static func writeToStandardError(_ line: [UInt8]) {
        // One call for the whole line, so that the lines of two loops do not mix. A log that can
        // not be written is nobody's error.
        _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }
}
