/// The connections in one room of theirs, with what they add up to.
///
/// A connection's share is known, and is only ever replaced as a whole by a new one, so that the
/// sums are what the connections are.
struct Crowd {
    /// From where somebody is connected.
    enum Device: Hashable, Sendable {
        case session(Room)
        /// A connection that has no login session, and can not be told from another device.
        case connection(HandshakeMember)
    }

    /// What a new share meant for its device.
    enum Change: Equatable {
        case nothing
        case came(isFirst: Bool)
        case left(isLast: Bool)
    }

    /// All of them, those included that are still shaking hands.
    var members: Set<HandshakeMember> = []
    private let tellsDevices: Bool
    private(set) var sockets = 0
    private(set) var connections = 0
    /// The present connections of each device of a user.
    private var devices: [Device: Int] = [:]

    init(_ room: Room) {
        tellsDevices = room.isUsers
    }

    /// Distinct ones; all of a login session are one.
    var deviceCount: Int { tellsDevices ? devices.count : min(connections, 1) }

    /// One connection has `new` sockets instead of `old`.
    mutating func replace(_ old: Int, by new: Int, on device: Device) -> Change {
        sockets += new - old
        guard (old > 0) != (new > 0) else { return .nothing }
        let step = new > 0 ? 1 : -1
        connections += step
        guard tellsDevices else { return .nothing }
        let before = devices[device] ?? 0
        devices[device] = before + step > 0 ? before + step : nil
        if before == 0 { return .came(isFirst: devices.count == 1) }
        return devices[device] == nil ? .left(isLast: devices.isEmpty) : .nothing
    }
}
