#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A system call failed in a way its caller can not mend.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    /// What was tried, such as `bind`.
    public let call: String
    /// The value of `errno`.
    public let number: Int32

    /// Whether the machine has no addresses of that kind at all.
    var isOfMissingFamily: Bool { number == EAFNOSUPPORT || number == EADDRNOTAVAIL }

    /// What was tried and what the system says of it.
    public var description: String {
        let text = unsafe strerror(number).map { unsafe String(cString: $0) }
        return "\(call): \(text ?? "error \(number)")"
    }
}
