/// Everybody in a namespace.
public struct NamespaceHandle: Broadcasting {
    private let runtime: NamespaceRuntime

    init(_ runtime: NamespaceRuntime) {
        self.runtime = runtime
    }

    /// The name, `/` for the root.
    public var name: String { runtime.name }

    /// All its sockets.
    public var audience: Audience { Audience(runtime.territory) }
}

extension Collection<NamespaceHandle> {
    /// Sends an event to all sockets of these namespaces.
    public func emit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ arguments: repeat each Argument
    ) async throws {
        try await emit(event.name, repeat each arguments)
    }

    /// Sends an event by its raw name to all sockets of these namespaces.
    public func emit<each Argument: Encodable & Sendable>(
        _ name: String,
        _ arguments: repeat each Argument
    ) async throws {
        for namespace in self { try await namespace.emit(name, repeat each arguments) }
    }
}
