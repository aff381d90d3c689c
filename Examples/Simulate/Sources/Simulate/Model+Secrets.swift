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
    /// Those that were there before the newest secret came: they are signed under an older one.
    private var old: Set<String> = []
    /// Those that are worth nothing, and since when.
    private var dead: [String: Int] = [:]
    /// Sessions that were shown under an older secret alone.
    private(set) var underOld: Set<SessionID> = []
    private var stage = Stage.one

    private enum Stage {
        case one, two, withdrawing
    }
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

    /// A token was given out.
    mutating func gave(_ token: String) {
        if let text = Shown(token: token)?.text { seen.insert(text) }
    }

    /// Sessions that were shown by now; returns the next secret, or nil when there are two in use.
    mutating func rotated(_ shown: Set<SessionID>) -> String? {
        guard case .one = stage else { return nil }
        (old, underOld, stage) = (seen, shown, .two)
        count += 1
        return Self.secret(count)
    }

    /// The secret that is to be withdrawn, if there is another.
    mutating func beginWithdrawal() -> String? {
        guard case .two = stage else { return nil }
        stage = .withdrawing
        return Self.secret(count - 1)
    }

    mutating func withdrew(at moment: Int) {
        for text in old where dead[text] == nil { dead[text] = moment }
        underOld = []
        stage = .one
    }
}

extension Model {
    /// The secret that takes the place of the one in use, in this very step; nil when the one
    /// before is in use still.
    func nextSecret() -> String? {
        change { state in
            let shown = state.logins.filter { $0.value.wasShown && $0.value.ended == nil }
            return state.secrets.rotated(Set(shown.keys))
        }
    }

    /// The old secret is about to be withdrawn: any of these sessions may end by that.
    func beginWithdrawal() -> (secret: String, sessions: [SessionID])? {
        change { state in
            guard let secret = state.secrets.beginWithdrawal() else { return nil }
            let all = state.logins.filter { $0.value.ended == nil }.map(\.key)
            for id in all { state.logins[id]?.ends += 1 }
            return (secret, all)
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
