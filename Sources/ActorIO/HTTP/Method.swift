/// A request method such as `GET`; methods are case-sensitive, as RFC 9110 9.1 says.
public struct Method: Hashable, Sendable {
    /// The method as it stands in the request line.
    public let name: String

    /// Makes a method from its name.
    public init(_ name: String) {
        self.name = name
    }

    /// Asks for a resource.
    public static let get = Method("GET")
    /// Asks for what `GET` would answer, without the body.
    public static let head = Method("HEAD")
    /// Hands a body over for processing.
    public static let post = Method("POST")
    /// Stores a body under a path.
    public static let put = Method("PUT")
    /// Changes a part of a resource.
    public static let patch = Method("PATCH")
    /// Removes a resource.
    public static let delete = Method("DELETE")
    /// Asks what may be asked.
    public static let options = Method("OPTIONS")
    /// Echoes a request; never answered by this library on its own.
    public static let trace = Method("TRACE")
    /// Asks a proxy for a tunnel; never answered by this library on its own.
    public static let connect = Method("CONNECT")

    /// Whether the method only reads (RFC 9110 9.2.1); unsafe methods pass the origin guard first.
    public var isSafe: Bool {
        self == .get || self == .head || self == .options || self == .trace
    }
}

extension Method: ExpressibleByStringLiteral, CustomStringConvertible {
    /// Makes a method from a literal.
    public init(stringLiteral value: String) {
        name = value
    }

    /// The method's name.
    public var description: String { name }
}
