/// Who is online on this node, and who wants to know.
extension RoomRegistry {
    func presence(of room: Room) -> Presence { connections.presence(of: room) }

    func presence(of rooms: [Room]) -> [Presence] { rooms.map(presence(of:)) }

    var onlineUserCount: Int { connections.online.count }

    func onlineUsers(limit: Int) -> [Presence] {
        connections.online.prefix(max(0, limit)).map(presence(of:))
    }

    // Readers

    nonisolated func add(_ reader: PresenceReader) {
        lane.run { self.onLane { $0.begin(reader) } }
    }

    nonisolated func remove(_ reader: PresenceReader) {
        lane.run { self.onLane { $0.end(reader) } }
    }

    /// The server is closing: whoever reads has read everything.
    func endPresence() {
        connections.watch?.end()
        connections.watch = nil
    }

    private func begin(_ reader: PresenceReader) {
        guard !reader.isEnded else { return }
        let watch = connections.watch ?? makeWatch()
        watch.add(reader, online: connections.online)
        connections.watch = watch
    }

    private func end(_ reader: PresenceReader) {
        guard let watch = connections.watch else { return }
        watch.remove(reader)
        if !watch.hasReaders { endPresence() }
    }

    /// It keeps the registry, and the registry keeps it, until the last reader has gone.
    private func makeWatch() -> PresenceWatch {
        PresenceWatch(presenceLimits, now: { self.lane.now }) { deadline in
            self.lane.schedule(at: deadline) {
                self.lane.run { self.onLane { $0.expireAbsences() } }
            }
        }
    }

    private func expireAbsences() {
        connections.watch?.expire(online: connections.online)
    }
}
