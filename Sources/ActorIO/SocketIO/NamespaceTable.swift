/// The namespaces of a server by name: those of its plan, and those made for clients that asked.
final class NamespaceTable: Sendable {
    private struct Child {
        let runtime: NamespaceRuntime
        /// Sockets that are in it, or are being decided about.
        var users: Int
    }

    private let planned: [ByteString: NamespaceRuntime]
    private let families: [NamespaceFamily]
    private let created: [@Sendable (NamespaceHandle) -> Void]
    private let shared: NamespaceShared
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
        let new = NamespaceRuntime(family.plan, as: name, parameters: parameters, shared) {
            [weak self] in self?.leave(key)
        }
        let (runtime, isNew) = try children.withLock { children in
            if let child = children[key] {
                children[key]?.users += 1
                return (child.runtime, false)
            }
            guard children.count < max(0, shared.options.maxChildNamespaces) else {
                throw ConnectError("too many namespaces")
            }
            children[key] = Child(runtime: new, users: 1)
            return (new, true)
        }
        if isNew { for step in created { step(NamespaceHandle(runtime)) } }
        return runtime
    }

    /// A socket is gone, whether it ever was connected or not.
    private func leave(_ name: ByteString) {
        children.withLock { children in
            children[name]?.users -= 1
            guard shared.options.cleansUpEmptyNamespaces, children[name]?.users == 0 else { return }
            children[name] = nil
        }
    }
}
