/// From what a backing keeps, in seconds since 1970, to what a store counts by, and back.
extension SessionEntry {
    init(_ record: SessionRecord, now: LoopTime, unixTime: Int64) {
        let created = now + (.zero - Self.age(record.createdAt, unixTime))
        let seen = now + (.zero - Self.age(record.lastSeenAt, unixTime))
        self.init(
            data: SessionData(encoded: record.values),
            userID: record.userID,
            origin: SessionOrigin(address: record.address, userAgent: record.userAgent),
            created: created,
            // One from the future would begin its absolute lifetime anew with every start.
            createdAt: min(record.createdAt, unixTime),
            lastSeen: seen,
            lastSeenAt: min(record.lastSeenAt, unixTime),
            deadline: now,
            // Nobody knows when; a client that comes after a restart gets it once more.
            cookieSet: created,
            savedSeen: seen
        )
    }

    /// Never negative: no moment of the past lies in the future, whatever a clock said.
    private static func age(_ moment: Int64, _ unixTime: Int64) -> Duration {
        guard moment < unixTime else { return .zero }
        let (age, overflow) = unixTime.subtractingReportingOverflow(moment)
        return .seconds(overflow ? Self.century : min(age, Self.century))
    }

    private static let century: Int64 = 100 * 366 * 86_400

    func record(now: LoopTime, unixTime: Int64) throws -> SessionRecord {
        SessionRecord(
            createdAt: createdAt,
            lastSeenAt: lastSeenAt,
            expiresAt: expiresAt(now: now, unixTime: unixTime),
            userID: userID,
            address: origin.address,
            userAgent: origin.userAgent,
            values: try (draft ?? data).encoded()
        )
    }

    func expiresAt(now: LoopTime, unixTime: Int64) -> Int64 {
        unixTime + (deadline - now).components.seconds
    }
}
