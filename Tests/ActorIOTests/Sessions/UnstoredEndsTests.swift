import Testing

@testable import ActorIO

struct UnstoredEndsTests {
    private let id = SessionID()

    private func time(_ seconds: Int64) -> LoopTime {
        LoopTime(nanoseconds: seconds * 1_000_000_000)
    }

    private func record(_ createdAt: Int64, user: String? = "7") -> SessionRecord {
        SessionRecord(
            createdAt: createdAt,
            lastSeenAt: createdAt,
            expiresAt: createdAt + 100,
            userID: user,
            address: "",
            userAgent: "",
            values: [:]
        )
    }

    @Test func `a deletion that came before the write was over is not enough`() {
        var ends = UnstoredEnds(limit: 10)
        let fits = ends.begin(id, isWriting: true, isHarmless: false, at: 0)
        #expect(fits)
        ends.deleted(id)
        #expect(ends.contains(id))
        ends.wrote(id)
        ends.deleted(id)
        #expect(ends.count == 0)
    }

    @Test func `pauses grow to a minute and begin anew after a success`() {
        var ends = UnstoredEnds(limit: 10)
        _ = ends.begin(id, isWriting: false, isHarmless: false, at: 0)
        var now = time(0)
        var pauses: [Int64] = []
        ends.failed(.session(id), now: now)
        for _ in 0..<9 {
            guard let next = ends.retryAt else { break }
            pauses.append((next - now).components.seconds)
            now = next
            let isDue = ends.beginRound(now)
            #expect(isDue)
            let key = ends.next()?.key
            #expect(key == .session(id))
            ends.failed(.session(id), now: now)
            ends.endRound(now, hasFailed: true)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        ends.deleted(id)
        let rest = ends.next()?.key
        #expect(rest == nil, "what is stored meanwhile is not tried again")
        ends.endRound(now, hasFailed: false)
        #expect(ends.retryAt == nil)
    }

    /// Whether a session is refused at second 1,000.
    private func refuses(
        _ ends: inout UnstoredEnds,
        _ createdAt: Int64,
        user: String? = "7",
        _ id: SessionID? = nil
    ) -> Bool {
        ends.refuses(record(createdAt, user: user), id ?? self.id, at: 1_000)
    }

    @Test func `a mark for a user means all that is loaded, but for the one that is kept`() {
        var ends = UnstoredEnds(limit: 10)
        let kept = SessionID()
        let ticket = ends.begin(ByteString("7"), but: kept, at: 100)
        let marked = [100, 101, 5_000].map { refuses(&ends, $0) }
        #expect(marked == [true, true, true], "whatever its clock said")
        let others = [
            refuses(&ends, 100, kept), refuses(&ends, 100, user: "8"),
            refuses(&ends, 100, user: nil),
        ]
        #expect(others == [false, false, false])
        let second = ends.begin(ByteString("7"), but: nil, at: 200)
        ends.listed(ByteString("7"), ticket)
        let isRefused = refuses(&ends, 200, kept)
        #expect(isRefused, "an earlier list says nothing of the later call")
        ends.listed(ByteString("7"), second)
        let isStillRefused = refuses(&ends, 100)
        #expect(!isStillRefused)
    }

    @Test func `a session from the future moves the horizon, when there is one`() {
        var ends = UnstoredEnds(limit: 1)
        let isRefusedBefore = refuses(&ends, 5_000)
        #expect(!isRefusedBefore)
        _ = ends.begin(SessionID(), isWriting: false, isHarmless: false, at: 900)
        _ = ends.begin(SessionID(), isWriting: false, isHarmless: false, at: 900)
        let later = [901, 5_000, 901, 5_001].map { refuses(&ends, $0) }
        #expect(later == [false, true, true, true])
        #expect(ends.horizon == 5_001)
        let isStillRefused = ends.refuses(record(5_000), id, at: 6_000)
        #expect(isStillRefused, "the clock has passed it, and it is as old as it was")
        let isNew = ends.refuses(record(5_500), id, at: 6_000)
        #expect(!isNew)
    }

    @Test func `a later end keeps nothing that a pending one did not keep`() {
        var ends = UnstoredEnds(limit: 10)
        let kept = SessionID()
        _ = ends.begin(ByteString("7"), but: nil, at: 100)
        _ = ends.begin(ByteString("7"), but: kept, at: 200)
        let isRefused = refuses(&ends, 100, kept)
        #expect(isRefused)
        _ = ends.begin(ByteString("8"), but: kept, at: 100)
        _ = ends.begin(ByteString("8"), but: kept, at: 200)
        let isKeptRefused = refuses(&ends, 100, user: "8", kept)
        #expect(!isKeptRefused)
    }

    @Test func `what does not fit moves the horizon, unless its record says it as well`() {
        var ends = UnstoredEnds(limit: 1)
        let first = ends.begin(SessionID(), isWriting: false, isHarmless: false, at: 1)
        #expect(first)
        let second = ends.begin(SessionID(), isWriting: false, isHarmless: true, at: 2)
        #expect(!second)
        #expect(ends.horizon == nil)
        let third = ends.begin(SessionID(), isWriting: false, isHarmless: false, at: 3)
        #expect(!third)
        let refused = [refuses(&ends, 3), refuses(&ends, 4)]
        #expect(refused == [true, false])
        _ = ends.begin(ByteString("7"), but: nil, at: 5)
        let isOtherRefused = refuses(&ends, 5, user: "8")
        #expect(isOtherRefused)
        #expect(ends.count == 1)
    }
}
