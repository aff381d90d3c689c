#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The last messages, for those who come later.
actor ChatRoom {
    private static let kept = 50
    private static let longest = 500
    private var messages: [Message] = []
    private var nextID = 1

    var latest: [Message] { messages }

    /// The message as everybody gets it; nil when there is nothing in it.
    func add(_ text: String, from user: User) -> Message? {
        let text = Self.trimmed(text).prefix(Self.longest)
        guard !text.isEmpty else { return nil }
        let message = Message(
            id: nextID,
            from: user.id,
            name: user.name,
            text: String(text),
            at: Self.now
        )
        nextID += 1
        messages.append(message)
        if messages.count > Self.kept { messages.removeFirst() }
        return message
    }

    private static func trimmed(_ text: String) -> Substring {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
