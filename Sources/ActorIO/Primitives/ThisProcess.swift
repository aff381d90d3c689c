#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The process and its machine, by what operators call them.
enum ThisProcess {
    /// The number the system has given it.
    static let id = Int(getpid())

    /// The machine's name; empty when the system does not tell.
    static let hostname: String = {
        var name = [CChar](repeating: 0, count: 256)
        let result = unsafe name.withUnsafeMutableBufferPointer { room in
            unsafe room.baseAddress.map { unsafe gethostname($0, room.count - 1) }
        }
        guard result == 0 else { return "" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }()
}
