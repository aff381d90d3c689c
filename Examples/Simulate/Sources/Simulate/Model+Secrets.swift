import ActorIO
import ActorIOTesting

/// What a request shows of a session, read without a look at its signature.
struct Shown: Sendable {
    let id: SessionID
    /// The id with its signature, as it came.
    let text: String

    /// Where there is a session cookie it decides, good or bad; otherwise the bearer does.
    init?(_ request: Request) {
        if let cookie = request.cookies["connect.sid"] {
            guard cookie.hasPrefix("s%3A") else { return nil }
            self.init(text: String(cookie.dropFirst(4)))
        } else {
            let field = request.headers["authorization"] ?? ""
            guard field.hasPrefix("Bearer ") else { return nil }
            self.init(token: String(field.dropFirst(7)))
        }
    }

    init?(token: String) {
        guard token.hasPrefix("s:") else { return nil }
        self.init(text: String(token.dropFirst(2)))
    }

    private init?(text: String) {
        guard let id = text.split(separator: ".").first.flatMap({ SessionID(String($0)) }) else {
            return nil
        }
        self.id = id
        self.text = text
    }
}

/// Which texts were signed under which secret, as far as that can be known without one.
struct SecretsInUse {
    private var seen: Set<String> = []
    /// Those that were shown before the newest secret came: they are signed under an older one.
    private var old: Set<String> = []
    /// Those that are worth nothing, and since when.
    private var dead: [String: Int] = [:]
    /// Sessions that were shown under an older secret alone.
    private(set) var underOld: Set<SessionID> = []
    private(set) var isRotating = false
    private var count = 1

    static func secret(_ number: Int) -> String { "changeit \(number)" }

    mutating func saw(_ shown: Shown) {
        seen.insert(shown.text)
        // It may be signed under the newest.
        if !old.contains(shown.text) { underOld.remove(shown.id) }
    }

    func isWorthless(_ shown: Shown, at moment: Int) -> Bool {
        dead[shown.text].map { $0 < moment } ?? false
    }

    /// Sessions that were shown by now; returns the secret that was in use and the next.
    mutating func rotated(_ shown: Set<SessionID>) -> (old: String, new: String) {
        (old, underOld) = (seen, shown)
        isRotating = true
        defer { count += 1 }
        return (Self.secret(count), Self.secret(count + 1))
    }

    mutating func withdrew(at moment: Int) {
        for text in old where dead[text] == nil { dead[text] = moment }
        underOld = []
        isRotating = false
    }
}

extension Model {
    /// Begins to replace the secret by another; nil while somebody else does.
    func beginRotation() -> (old: String, new: String)? {
        change { state in
            guard !state.secrets.isRotating else { return nil }
            // From this step on: the new secret is there before the next one.
            let shown = state.logins.filter { $0.value.wasShown && $0.value.ended == nil }
            return state.secrets.rotated(Set(shown.keys))
        }
    }

    /// The old secret is about to be withdrawn: any session may end by that.
    func beginWithdrawal() -> [SessionID] {
        change { state in
            let all = state.logins.filter { $0.value.ended == nil }.map(\.key)
            for id in all { state.logins[id]?.ends += 1 }
            return all
        }
    }

    /// It has been; returns the sessions that were shown under it alone, which are gone.
    func withdrew() -> [SessionID] {
        world.note("the old secret is worth nothing now")
        return change { state in
            defer { state.secrets.withdrew(at: state.clock) }
            return state.secrets.underOld.sorted {
                state.logins[$0]?.number ?? 0 < state.logins[$1]?.number ?? 0
            }
        }
    }
}
