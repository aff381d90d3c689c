internal import ActorIO

/// The cookies of one browser, which knows one site.
final class CookieJar: Sendable {
    private let cookies = Locked<[(name: String, value: String)]>([])

    var all: [String: String] {
        cookies.withLock { list in
            Dictionary(list.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    var header: String? {
        let list = cookies.withLock { $0 }
        guard !list.isEmpty else { return nil }
        return list.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    func set(_ name: String, _ value: String?) {
        cookies.withLock { list in
            list.removeAll { $0.name == name }
            if let value { list.append((name, value)) }
        }
    }

    /// Keeps what a response sets; a date in the past, or no age, takes it away again.
    func take(_ headers: Headers) {
        for text in headers.values("set-cookie") {
            let parts = text.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let pair = parts.first, let mark = pair.firstIndex(of: "=") else { continue }
            let name = String(pair[..<mark])
            let isGone = parts.dropFirst().contains { part in
                let lower = part.lowercased()
                return lower == "max-age=0" || lower.hasPrefix("expires=thu, 01 jan 1970")
            }
            set(name, isGone ? nil : String(pair[pair.index(after: mark)...]))
        }
    }
}
