import Foundation

/// One line of a worker: what is about to be done, and what has been answered.
///
/// Sessions go by their cookies.
enum Fact {
    /// The worker can be asked now, and has the lock.
    case ready
    case counting(String)
    case counted(String, Int)
    case ending(String)
    case ended(String)
    /// A login: the old session ends, the new one begins at nothing.
    case renewing(String)
    case renewed(String, String)

    init?(_ line: Substring) {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("ready", 1): self = .ready
        case ("counting", 2): self = .counting(words[1])
        case ("counted", 3):
            guard let count = Int(words[2]) else { return nil }
            self = .counted(words[1], count)
        case ("ending", 2): self = .ending(words[1])
        case ("ended", 2): self = .ended(words[1])
        case ("renewing", 2): self = .renewing(words[1])
        case ("renewed", 3): self = .renewed(words[1], words[2])
        default: return nil
        }
    }

    private var line: String {
        switch self {
        case .ready: "ready\n"
        case .counting(let id): "counting \(id)\n"
        case .counted(let id, let count): "counted \(id) \(count)\n"
        case .ending(let id): "ending \(id)\n"
        case .ended(let id): "ended \(id)\n"
        case .renewing(let id): "renewing \(id)\n"
        case .renewed(let old, let new): "renewed \(old) \(new)\n"
        }
    }

    /// In one call, so that a line is in the pipe whole or not at all, whenever its writer dies.
    func tell() {
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    }
}
