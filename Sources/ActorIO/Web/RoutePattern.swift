/// The paths a route answers, such as `/users/:id/online` or `/assets/*`.
///
/// Segments are compared by their decoded bytes. `:name` stands for one segment, `*` at the end
/// for the rest of the path. Nothing is made equal that was not: `//`, `/./` and `/../` stay.
struct RoutePattern: Sendable, CustomStringConvertible {
    enum Segment: Sendable {
        case text([UInt8])
        case name(String)
        case rest
    }

    let description: String
    let segments: [Segment]

    /// Stops the program for what can never match: a pattern is written by hand, not received.
    init(_ text: String) {
        precondition(text.utf8.first == 0x2F, "a route starts with a slash: \(text)")
        description = text
        let parts = Array(text.utf8).dropFirst().split(
            separator: 0x2F,
            omittingEmptySubsequences: false
        )
        segments = text == "/" ? [] : parts.map { RoutePattern.segment(Array($0)) }
        let stars = segments.dropLast().contains { if case .rest = $0 { true } else { false } }
        precondition(!stars, "a star is the last segment of a route: \(text)")
    }

    private static func segment(_ bytes: [UInt8]) -> Segment {
        if bytes == [0x2A] { return .rest }
        guard bytes.first == 0x3A else { return .text(bytes) }
        let name = String(decoding: bytes.dropFirst(), as: UTF8.self)
        precondition(!name.isEmpty, "a parameter of a route has a name")
        return .name(name)
    }
}
