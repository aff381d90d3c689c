/// A session as it stands in a file: a line that vouches for the rest, a line of JSON, and the
/// values one behind the other.
///
///     actorio-session 1 <SHA-256 of the rest> <bytes of the rest>
///     {"id":"…","sequence":7,"record":{…},"values":[{"name":"visits","count":1}]}
///     3
///
/// The values stay bytes: what a backing is given it gives back, whatever it is.
struct FileBackingFormat: Sendable {
    /// Why a file is not what it should be.
    struct Unreadable: Error {
        let reason: String
    }

    let id: SessionID
    /// Grows with every file that a directory is given: of two with one session the later is true.
    let sequence: Int64
    var record: SessionRecord

    private struct Body: Codable {
        struct Value: Codable {
            var name: String
            var count: Int
        }

        var id: String
        var sequence: Int64
        var record: SessionRecord
        var values: [Value]
    }

    private static let word = "actorio-session"
    private static let version = 1
    /// The first line has a fixed word, a version, 64 digits and a length.
    static let maxHeader = 128

    init(id: SessionID, sequence: Int64, record: SessionRecord) {
        self.id = id
        self.sequence = sequence
        self.record = record
    }

    func bytes() throws -> [UInt8] {
        let values = record.values.sorted { $0.key < $1.key }
        var plain = record
        plain.values = [:]
        let body = Body(
            id: id.description,
            sequence: sequence,
            record: plain,
            values: values.map { Body.Value(name: $0.key, count: $0.value.count) }
        )
        var rest = try PayloadEncoder.encode(body)
        rest.append(UInt8(ascii: "\n"))
        for value in values { rest.append(contentsOf: value.value) }
        let digest = Hex.encode(SHA256.hash(rest))
        return [UInt8]("\(Self.word) \(Self.version) \(digest) \(rest.count)\n") + rest
    }

    init(_ bytes: [UInt8]) throws {
        let rest = try Self.checked(bytes)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            throw Unreadable(reason: "it has no second line")
        }
        let body: Body
        do {
            body = try PayloadDecoder.decode(from: Array(rest[..<end]))
        } catch {
            throw Unreadable(reason: "its second line is none of ours")
        }
        guard let id = SessionID(body.id) else { throw Unreadable(reason: "it names no session") }
        var record = body.record
        record.values = try Self.values(body.values, rest[(end + 1)...])
        self.init(id: id, sequence: body.sequence, record: record)
    }

    /// What the first line vouches for.
    private static func checked(_ bytes: [UInt8]) throws -> ArraySlice<UInt8> {
        guard let end = bytes.prefix(maxHeader).firstIndex(of: UInt8(ascii: "\n")) else {
            throw Unreadable(reason: "it does not begin as a session file")
        }
        let words = bytes[..<end].split(
            separator: UInt8(ascii: " "),
            omittingEmptySubsequences: false
        )
        guard words.count == 4, words[0].elementsEqual(word.utf8) else {
            throw Unreadable(reason: "it does not begin as a session file")
        }
        guard Grammar.decimal(words[1]) == version else {
            throw Unreadable(reason: "it has another version")
        }
        let rest = bytes[(end + 1)...]
        guard Grammar.decimal(words[3]) == rest.count else {
            throw Unreadable(reason: "it has another length than it says")
        }
        guard words[2].elementsEqual(Hex.encode(SHA256.hash(Array(rest))).utf8) else {
            throw Unreadable(reason: "its checksum is another one")
        }
        return rest
    }

    private static func values(
        _ list: [Body.Value],
        _ bytes: ArraySlice<UInt8>
    ) throws -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        var rest = bytes
        for value in list {
            guard value.count >= 0, value.count <= rest.count else {
                throw Unreadable(reason: "its values are incomplete")
            }
            values[value.name] = Array(rest.prefix(value.count))
            rest = rest.dropFirst(value.count)
        }
        guard rest.isEmpty else { throw Unreadable(reason: "it has more than its values") }
        return values
    }
}

/// The names of files, which tell nothing of the ids, and differ in more than upper and lower case.
///
///     <SHA-256 of the id>.0        or .1: a new state is written beside the old one
///     <number>.new                 not finished; whoever opens the directory removes it
///     <name>.unreadable            set aside for people to look at
enum FileBackingName {
    /// What the files of a session are called, but for the place.
    static func stem(_ id: SessionID) -> String {
        Hex.encode(SHA256.hash([UInt8](id.description)))
    }

    static func file(_ stem: String, _ place: FileBackingPlace) -> String {
        "\(stem).\(place.rawValue)"
    }

    static func unfinished(_ sequence: Int64) -> String { "\(sequence).new" }
    static func isUnfinished(_ name: String) -> Bool {
        name.hasSuffix(".new") && Grammar.decimal(name.utf8.dropLast(4)) != nil
    }
    static func unreadable(_ name: String) -> String { name + ".unreadable" }

    /// Nil for a name that is none of ours.
    static func parse(_ name: String) -> (stem: String, place: FileBackingPlace)? {
        let bytes = Array(name.utf8)
        guard bytes.count == 66, bytes[64] == UInt8(ascii: "."),
            bytes[..<64].allSatisfy({ Hex.lowercased.contains($0) }),
            let place = FileBackingPlace(rawValue: Int(bytes[65]) - 0x30)
        else { return nil }
        return (String(decoding: bytes[..<64], as: UTF8.self), place)
    }
}

/// Each session has two places; its living state is in one, and the next is written to the other.
enum FileBackingPlace: Int, Sendable, CaseIterable {
    case first, second

    var other: FileBackingPlace { self == .first ? .second : .first }
}
