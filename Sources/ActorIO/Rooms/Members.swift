/// The members of one room, dense and by loop, so that a broadcast hands over whole arrays.
struct Members {
    /// The members of one loop; the array is shared with the broadcasts that are under way.
    struct Part {
        let loop: EventLoop
        var outlets: [any Outlet] = []
    }

    private(set) var parts: [Part] = []
    private var places: [SocketID: Int] = [:]

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }
    var ids: Dictionary<SocketID, Int>.Keys { places.keys }

    func contains(_ id: SocketID) -> Bool { places[id] != nil }

    mutating func insert(_ outlet: any Outlet) {
        guard places[outlet.id] == nil else { return }
        let part = place(of: outlet.loop)
        places[outlet.id] = parts[part].outlets.count
        parts[part].outlets.append(outlet)
    }

    private mutating func place(of loop: EventLoop) -> Int {
        if let index = parts.firstIndex(where: { $0.loop === loop }) { return index }
        parts.append(Part(loop: loop))
        return parts.count - 1
    }

    /// The last one takes the place of the one that leaves; nothing happens to another that has
    /// its id.
    mutating func remove(_ outlet: any Outlet) {
        guard let index = places[outlet.id],
            let part = parts.firstIndex(where: { $0.loop === outlet.loop }),
            parts[part].outlets.indices.contains(index), parts[part].outlets[index] === outlet
        else { return }
        places[outlet.id] = nil
        let last = parts[part].outlets.removeLast()
        if last.id != outlet.id {
            parts[part].outlets[index] = last
            places[last.id] = index
        }
        if parts[part].outlets.isEmpty { parts.remove(at: part) }
        if places.isEmpty { places = [:] }
    }
}
