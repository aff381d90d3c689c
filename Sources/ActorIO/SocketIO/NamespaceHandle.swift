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
