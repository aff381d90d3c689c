#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Between ``SocketAddress`` and the kernel's structures.
extension SystemCalls {
    static func encode(
        _ address: SocketAddress,
        into storage: inout sockaddr_storage
    ) throws -> socklen_t {
        switch address {
        case .ipv4(let host, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = try networkOrder(port, address)
            let read = unsafe inet_pton(AF_INET, host, &value.sin_addr)
            guard read == 1 else { throw SystemError(call: "address \(host)", number: EINVAL) }
            return put(value, into: &storage)
        case .ipv6(let host, let port):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = try networkOrder(port, address)
            let read = unsafe inet_pton(AF_INET6, host, &value.sin6_addr)
            guard read == 1 else { throw SystemError(call: "address \(host)", number: EINVAL) }
            return put(value, into: &storage)
        case .unix(let path):
            var value = sockaddr_un()
            value.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            try unsafe withUnsafeMutableBytes(of: &value.sun_path) { room in
                guard !bytes.isEmpty, bytes.count < room.count else {
                    throw SystemError(call: "path \(path)", number: ENAMETOOLONG)
                }
                unsafe room.copyBytes(from: bytes)
            }
            return put(value, into: &storage)
        }
    }

    private static func networkOrder(_ port: Int, _ address: SocketAddress) throws -> in_port_t {
        guard let port = UInt16(exactly: port) else {
            throw SystemError(call: "port of \(address)", number: EINVAL)
        }
        return port.bigEndian
    }

    private static func put<Value>(
        _ value: Value,
        into storage: inout sockaddr_storage
    ) -> socklen_t {
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.storeBytes(of: value, as: Value.self)
        }
        return socklen_t(MemoryLayout<Value>.size)
    }

    static func decode(_ storage: sockaddr_storage) -> SocketAddress {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            return unsafe withUnsafeBytes(of: &storage) { bytes in
                var value = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
                let host = unsafe text(AF_INET, &value.sin_addr)
                return .ipv4(host, port: Int(UInt16(bigEndian: value.sin_port)))
            }
        case AF_INET6:
            return unsafe withUnsafeBytes(of: &storage) { bytes in
                var value = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
                let host = unsafe text(AF_INET6, &value.sin6_addr)
                return plain(host, port: Int(UInt16(bigEndian: value.sin6_port)))
            }
        default:
            return .unix("unix")
        }
    }

    /// An IPv4 peer of a socket that listens on both families is shown as what it is.
    private static func plain(_ host: String, port: Int) -> SocketAddress {
        let prefix = "::ffff:"
        guard host.hasPrefix(prefix), host.utf8.contains(UInt8(ascii: ".")) else {
            return .ipv6(host, port: port)
        }
        return .ipv4(String(host.dropFirst(prefix.count)), port: port)
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        // Asked for with every connection, and dots and digits cost less here than there.
        if family == AF_INET { return unsafe dotted(address) }
        var buffer = [CChar](repeating: 0, count: 64)
        guard unsafe inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else {
            return ""
        }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    private static func dotted(_ address: UnsafeRawPointer) -> String {
        unsafe String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            for index in 0..<4 {
                let part = unsafe address.load(fromByteOffset: index, as: UInt8.self)
                var unit: UInt8 = part >= 100 ? 100 : part >= 10 ? 10 : 1
                while unit > 0 {
                    unsafe text[count] = 0x30 + part / unit % 10
                    count += 1
                    unit /= 10
                }
                guard index < 3 else { break }
                unsafe text[count] = 0x2E
                count += 1
            }
            return count
        }
    }
}
