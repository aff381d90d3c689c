/// What an application keeps on a socket: at most one value of each type.
struct SocketValues: Sendable {
    private var values: [(type: ObjectIdentifier, value: any Sendable)] = []

    subscript<Value: Sendable>(_ type: Value.Type) -> Value? {
        get {
            let id = ObjectIdentifier(type)
            return values.first { $0.type == id }?.value as? Value
        }
        set {
            let id = ObjectIdentifier(type)
            values.removeAll { $0.type == id }
            if let newValue { values.append((id, newValue)) }
        }
    }

    /// Those that can be encoded, by the names of their types.
    var shown: JSONObject {
        JSONObject(
            values.compactMap { entry in
                guard let value = entry.value as? any Encodable,
                    let json = try? JSONValue(encoding: value)
                else { return nil }
                return ("\(type(of: entry.value))", json)
            }
        )
    }

    /// The values of many sockets: one hop for each loop they are on, none to the loop that asks.
    static func collect(from outlets: [any Outlet]) async -> [SocketID: SocketValues] {
        var byLoop: [ObjectIdentifier: [any Outlet]] = [:]
        for outlet in outlets { byLoop[ObjectIdentifier(outlet.loop), default: []].append(outlet) }
        var all: [SocketID: SocketValues] = [:]
        for group in byLoop.values {
            guard let first = group.first as? Socket else { continue }
            let values = await first.values(of: group)
            for (outlet, value) in zip(group, values) { all[outlet.id] = value }
        }
        return all
    }
}
