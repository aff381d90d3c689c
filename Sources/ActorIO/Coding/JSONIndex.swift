/// A value of a JSON text: where it stands and what surrounds it.
struct JSONNode: Sendable {
    var kind: JSONKind
    /// The bytes of the value; of a string, those between its quotes.
    var start: UInt32
    var end: UInt32
    /// The node behind this one and everything in it.
    var next: UInt32
    var parent: UInt32
    /// The place among the nodes of the parent, names included.
    var ordinal: UInt32
    /// How many nodes it holds directly, names included.
    var count: UInt32 = 0

    var range: Range<Int> { Int(start)..<Int(end) }
}

/// Where every value of a JSON text stands, without the values.
///
/// ```
/// {"a":[1,2]}     0 object, next 5
///                 1   string "a", next 2      a name, its value is the node behind it
///                 2   array, next 5
///                 3     integer
///                 4     integer
/// ```
struct JSONIndex: Sendable {
    private(set) var nodes: [JSONNode] = []
    /// The innermost open container, or `none`.
    private var container = Self.none

    private static let none = UInt32.max

    /// The index of no text.
    init() {}

    init(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        limits: JSONLimits = JSONLimits()
    ) throws(JSONError) {
        guard range.upperBound < Int(UInt32.max) else { throw JSONError(.tooLong, at: 0) }
        nodes.reserveCapacity(min(range.count / 8 + 2, 1_024))
        try JSONScanner.scan(bytes, range, limits: limits, into: &self)
    }

    /// The elements of an array.
    func elements(of array: Int) -> Siblings {
        Siblings(index: self, valueOffset: 0, at: array + 1, end: Int(nodes[array].next))
    }

    /// The names of an object; the value of each is the node behind it.
    func members(of object: Int) -> Siblings {
        Siblings(index: self, valueOffset: 1, at: object + 1, end: Int(nodes[object].next))
    }

    func parent(of node: Int) -> Int? {
        nodes[node].parent == Self.none ? nil : Int(nodes[node].parent)
    }

    /// The value of the last member of that name: JavaScript's rule for repeated names.
    func member(_ name: String, of object: Int, in bytes: [UInt8]) -> Int? {
        var found: Int?
        for key in members(of: object) where isName(key, name, bytes) { found = key + 1 }
        return found
    }

    func text(_ node: Int, in bytes: [UInt8]) -> String {
        JSONText.string(bytes, nodes[node].range, isEscaped: nodes[node].kind == .escapedString)
    }

    /// Names are compared by their bytes, as JavaScript does, not by Unicode equivalence.
    private func isName(_ node: Int, _ name: String, _ bytes: [UInt8]) -> Bool {
        guard nodes[node].kind == .string else {
            return text(node, in: bytes).utf8.elementsEqual(name.utf8)
        }
        let range = nodes[node].range
        guard name.utf8.count == range.count else { return false }
        var index = range.lowerBound
        for byte in name.utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Walks over the nodes right inside a container.
    struct Siblings: Sequence, IteratorProtocol {
        let index: JSONIndex
        let valueOffset: Int
        var at: Int
        let end: Int

        mutating func next() -> Int? {
            guard at < end else { return nil }
            defer { at = Int(index.nodes[at + valueOffset].next) }
            return at
        }
    }
}

extension JSONIndex: JSONSink {
    mutating func scalar(_ kind: JSONKind, _ range: Range<Int>) {
        append(kind, range.lowerBound, range.upperBound)
    }

    mutating func open(_ kind: JSONKind, at start: Int) {
        append(kind, start, start)
        container = UInt32(nodes.count - 1)
    }

    mutating func close(at end: Int) {
        let node = Int(container)
        nodes[node].end = UInt32(end)
        nodes[node].next = UInt32(nodes.count)
        container = nodes[node].parent
    }

    private mutating func append(_ kind: JSONKind, _ start: Int, _ end: Int) {
        var ordinal: UInt32 = 0
        if container != Self.none {
            ordinal = nodes[Int(container)].count
            nodes[Int(container)].count += 1
        }
        nodes.append(
            JSONNode(
                kind: kind,
                start: UInt32(start),
                end: UInt32(end),
                next: UInt32(nodes.count + 1),
                parent: container,
                ordinal: ordinal
            )
        )
    }
}
