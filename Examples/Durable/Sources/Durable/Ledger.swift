import ActorIO

/// What workers were told of their sessions, and what a directory must therefore have.
struct Ledger {
    private struct Entry {
        var count = 0
        /// Asked for and not answered.
        var isCounting = false
        var isEnding = false
        var isGone = false
        var isMember = false
    }

    private var entries: [String: Entry] = [:]
    private(set) var violations: [String] = []

    /// How many answers there were.
    private(set) var answers = 0

    mutating func take(_ fact: Fact) {
        switch fact {
        case .ready: break
        case .counting(let id): entries[id, default: Entry()].isCounting = true
        case .counted(let id, let count):
            answers += 1
            if count < entries[id, default: Entry()].count {
                report(id, "counted back to \(count)")
            }
            entries[id, default: Entry()].count = count
            entries[id]?.isCounting = false
        case .ending(let id), .renewing(let id): entries[id, default: Entry()].isEnding = true
        case .ended(let id): end(id)
        case .renewed(let old, let new):
            end(old)
            entries[new] = Entry(isMember: true)
        }
    }

    private mutating func end(_ id: String) {
        answers += 1
        entries[id, default: Entry()].isGone = true
    }

    /// Looks for every session that anybody was told of.
    mutating func check(_ backing: FileBacking) async throws {
        let listed = Set(try await backing.sessions(of: "7"))
        for (name, entry) in entries {
            let id = try Cookie.session(name)
            let record = try await backing.load(id)
            entries[name] = settled(name, entry, record.map(Self.visits))
            let isListed = record != nil && entry.isMember
            if listed.contains(id) != isListed { report(name, "is listed as it should not be") }
        }
    }

    /// What is certain of a session from now on.
    private mutating func settled(_ id: String, _ entry: Entry, _ found: Int?) -> Entry {
        var entry = entry
        switch found {
        case nil:
            if !entry.isGone, !entry.isEnding { report(id, "is lost at \(entry.count)") }
            entry.isGone = true
        case let found? where entry.isGone:
            report(id, "came back with \(found)")
        case let found?:
            let wanted = entry.count...(entry.count + (entry.isCounting ? 1 : 0))
            if !wanted.contains(found) { report(id, "has \(found) and not \(wanted)") }
            entry.count = found
        }
        entry.isCounting = false
        entry.isEnding = false
        return entry
    }

    mutating func report(_ id: String, _ what: String) {
        violations.append("session \(id) \(what)")
    }

    /// Cookies of sessions that live, for the next worker to go on with.
    var living: [String] { entries.filter { !$0.value.isGone }.map(\.key).sorted() }

    private static func visits(_ record: SessionRecord) -> Int {
        record.values["visits"].flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
}
