/// The namespaces of a server by name: those of its plan, and those made for clients that asked.
final class NamespaceTable: Sendable {
    private struct Child {
        let runtime: NamespaceRuntime
        /// Sockets that are in it, or are being decided about.
        var users: Int
        /// Whether it has had a socket at all.
        var hasBeenJoined = false
    }

    private let planned: [ByteString: NamespaceRuntime]
    private let families: [NamespaceFamily]
    private let created: [@Sendable (NamespaceHandle) -> Void]
    private let shared: NamespaceShared
    private let ids = AnswerIDs()
    private let children = Locked<[ByteString: Child]>([:])

    init(_ root: Namespace, _ shared: NamespaceShared) {
        self.shared = shared
        let plans = [root] + root.allChildren
        var planned: [ByteString: NamespaceRuntime] = [:]
        for plan in plans { planned[ByteString(plan.name)] = NamespaceRuntime(plan, shared) }
        self.planned = planned
        families = plans.flatMap(\.families)
        created = plans.flatMap(\.created)
    }

    /// Whether a name that nobody has yet may become a namespace.
    var isOpen: Bool { !families.isEmpty }

    /// All there are, in no order.
    var all: [NamespaceRuntime] {
        planned.values + children.withLock { $0.values.map(\.runtime) }
    }

    func existing(_ name: ByteString) -> NamespaceRuntime? {
        planned[name] ?? children.withLock { $0[name]?.runtime }
    }

    /// Takes a place in the namespace of that name: `leave` gives it back.
    func enter(_ name: ByteString) -> NamespaceRuntime? {
        planned[name]
            ?? children.withLock { children in
                children[name]?.users += 1
                return children[name]?.runtime
            }
    }

    /// Takes a place in a namespace that may have to be made first; nil when nobody wants it.
    func make(_ request: NamespaceRequest) async throws -> NamespaceRuntime? {
        for family in families {
            guard let parameters = await family.accepts(request) else { continue }
            return try enter(request.name, of: family, parameters)
        }
        return nil
    }

    private func enter(
        _ name: String,
        of family: NamespaceFamily,
        _ parameters: [(name: String, value: String)]
    ) throws -> NamespaceRuntime {
        let key = ByteString(name)
        let new = NamespaceRuntime(
            family.plan,
            as: name,
            parameters: parameters,
            shared,
            ids: ids
        ) { [weak self] wasConnected in
            self?.leave(key, wasConnected)
        }
        let (runtime, isNew) = try children.withLock { children in
            if let child = children[key] {
                children[key]?.users += 1
                return (child.runtime, false)
            }
            try Self.makeRoom(&children, max(0, shared.options.maxChildNamespaces))
            children[key] = Child(runtime: new, users: 1)
            return (new, true)
        }
        if isNew { for step in created { step(NamespaceHandle(runtime)) } }
        return runtime
    }

    /// When there are too many, one that nobody is in makes room.
    private static func makeRoom(
        _ children: inout [ByteString: Child],
        _ limit: Int
    ) throws {
        guard children.count >= limit else { return }
        guard let empty = children.first(where: { $0.value.users == 0 }), limit > 0 else {
            throw ConnectError("too many namespaces")
        }
        children[empty.key] = nil
    }

    /// A socket is gone, whether it ever was connected or not.
    ///
    /// A namespace that nobody was let into is forgotten in any case: strangers could make as many
    /// as there may be.
    private func leave(_ name: ByteString, _ wasConnected: Bool) {
        children.withLock { children in
            guard var child = children[name] else { return }
            child.users -= 1
            if wasConnected { child.hasBeenJoined = true }
            let isKept = child.hasBeenJoined && !shared.options.cleansUpEmptyNamespaces
            children[name] = child.users > 0 || isKept ? child : nil
        }
    }
}
