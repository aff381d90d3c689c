/// Who is online in the eyes of those who read of it: the edges, and the grace before the last.
///
/// It exists while somebody reads. A user is told to be online as long as a connection lives or
/// one of the devices may still come back:
///
/// ```
///            first device comes                  last one is lost
///  offline ────────────────────► online ─────────────────────────► online, awaited
///     ▲                          ▲    │                              │    │
///     │                          └────│── comes back in time ────────┘    │
///     └──────────── its login ends ───┴───── grace is over, or login ends ┘
/// ```
final class PresenceWatch {
    /// How long a lost device is waited for, and how much is kept change by change.
    struct Limits: Sendable {
        var grace = Duration.seconds(5)
        var buffer = 1_000
    }

    private let limits: Limits
    private let now: () -> LoopTime
    private let arm: (LoopTime) -> LaneTimer?
    private var absences = Absences()
    private var readers: [ObjectIdentifier: PresenceReader] = [:]
    private var timer: LaneTimer?
    private var isArmed = false

    /// `arm` has `expire` called at a deadline.
    init(
        _ limits: Limits,
        now: @escaping () -> LoopTime,
        arm: @escaping (LoopTime) -> LaneTimer?
    ) {
        self.limits = limits
        self.now = now
        self.arm = arm
    }

    var hasReaders: Bool { !readers.isEmpty }
    /// Notes of devices that are waited for.
    var noteCount: Int { absences.noteCount }

    // Readers

    func add(_ reader: PresenceReader, online: Set<Room>) {
        reader.begin(limit: limits.buffer, online: online.union(absences.all))
        readers[ObjectIdentifier(reader)] = reader
    }

    func remove(_ reader: PresenceReader) {
        readers[ObjectIdentifier(reader)] = nil
    }

    /// Nobody reads any more, or nobody is to.
    func end() {
        for reader in readers.values { reader.end() }
        readers = [:]
        timer?.cancel()
    }

    private func tell(_ user: Room, isOnline: Bool) {
        let change = PresenceChange(room: user, isOnline: isOnline)
        for reader in readers.values { reader.add(change) }
    }

    // What happens

    func came(_ user: Room, _ device: Crowd.Device, isFirst: Bool) {
        let isNew = isFirst && !absences.has(user)
        absences.remove(user, device)
        if isNew { tell(user, isOnline: true) }
    }

    /// With a farewell it is not waited for.
    func left(_ user: Room, _ device: Crowd.Device, isLast: Bool, isFarewell: Bool) {
        guard isFarewell || limits.grace <= .zero else {
            let deadline = now() + limits.grace
            absences.insert(user, device, until: deadline)
            return wait(until: deadline)
        }
        if isLast, !absences.has(user) { tell(user, isOnline: false) }
    }

    /// A login session is over: its device is waited for no longer.
    func farewell(_ device: Crowd.Device, online: Set<Room>) {
        conclude(absences.remove(device), online)
    }

    func expire(online: Set<Room>) {
        (isArmed, timer) = (false, nil)
        conclude(absences.expire(now()), online)
        if let next = absences.nextEnd { wait(until: next) }
    }

    private func conclude(_ users: [Room], _ online: Set<Room>) {
        var told: Set<Room> = []
        for user in users where !absences.has(user) && !online.contains(user) {
            if told.insert(user).inserted { tell(user, isOnline: false) }
        }
    }

    private func wait(until deadline: LoopTime) {
        guard !isArmed else { return }
        isArmed = true
        timer = arm(deadline)
    }
}
