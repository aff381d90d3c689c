#if canImport(Glibc)
    import Glibc
    internal import LinuxKernel
#elseif canImport(Darwin)
    import Darwin
#endif

/// The system calls of a server: the only file that makes them for sockets and files.
enum SystemCalls {
    enum Transfer: Equatable {
        case bytes(Int)
        /// Not now: wait for readiness.
        case again
        case failed(Int32)
    }

    static func listen(_ address: SocketAddress, backlog: Int32, shared: Bool) throws -> Int32 {
        var storage = sockaddr_storage()
        let length = try encode(address, into: &storage)
        let descriptor = try makeSocket(Int32(storage.ss_family))
        do {
            try prepare(descriptor, address, shared)
            let bound = unsafe withUnsafePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, length)
                }
            }
            guard bound == 0 else { throw SystemError(call: "bind \(address)", number: errno) }
            #if canImport(Glibc)
                let listening = Glibc.listen(descriptor, backlog)
            #else
                let listening = Darwin.listen(descriptor, backlog)
            #endif
            guard listening == 0 else { throw SystemError(call: "listen", number: errno) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func prepare(
        _ descriptor: Int32,
        _ address: SocketAddress,
        _ shared: Bool
    ) throws {
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if shared { set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        if case .ipv6 = address { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        if case .unix(let path) = address { return removeDeadSocket(path) }
        // What is accepted inherits it: one call a listener, not one a connection.
        setNoDelay(descriptor)
    }

    /// A socket that a dead server left is removed; who answers there keeps it, and binding fails.
    private static func removeDeadSocket(_ path: String) {
        do {
            close(try connect(.unix(path)))
        } catch let error as SystemError where error.number == ECONNREFUSED {
            removeSocket(path)
        } catch {}
    }

    /// Any other kind of file is not ours to remove.
    static func removeSocket(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        unsafe unlink(path)
    }

    private static func makeSocket(_ family: Int32) throws -> Int32 {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket", number: errno) }
        configure(descriptor)
        return descriptor
    }

    private static func configure(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        #if canImport(Darwin)
            set(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1)
        #endif
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(
            descriptor,
            level,
            name,
            &value,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    static func setNoDelay(_ descriptor: Int32) {
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    /// The next waiting connection and its peer; nil when there is none; errors are `errno`.
    static func accept(_ listener: Int32) -> Result<(Int32, SocketAddress)?, SystemError> {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                #if canImport(Glibc)
                    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
                    return unsafe accept4(listener, address, &length, flags)
                #else
                    return unsafe Darwin.accept(listener, address, &length)
                #endif
            }
        }
        guard descriptor >= 0 else {
            // A peer that left while it waited is no failure of ours.
            let gone = [EAGAIN, EWOULDBLOCK, EINTR, ECONNABORTED].contains(errno)
            return gone ? .success(nil) : .failure(SystemError(call: "accept", number: errno))
        }
        #if canImport(Darwin)
            configure(descriptor)
        #endif
        return .success((descriptor, decode(storage)))
    }

    /// Begins a connection; it is made, or has failed, when the descriptor becomes writable.
    static func connect(_ address: SocketAddress) throws -> Int32 {
        var storage = sockaddr_storage()
        let length = try encode(address, into: &storage)
        let descriptor = try makeSocket(Int32(storage.ss_family))
        let result = unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                #if canImport(Glibc)
                    unsafe Glibc.connect(descriptor, pointer, length)
                #else
                    unsafe Darwin.connect(descriptor, pointer, length)
                #endif
            }
        }
        guard result == 0 || errno == EINPROGRESS else {
            let number = errno
            close(descriptor)
            throw SystemError(call: "connect \(address)", number: number)
        }
        return descriptor
    }

    static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return result == 0 ? decode(storage) : nil
    }

    static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Transfer {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .again : .failed(errno)
        }
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8], from offset: Int) -> Transfer {
        #if canImport(Glibc)
            let flags = Int32(MSG_NOSIGNAL)
        #else
            let flags: Int32 = 0
        #endif
        while true {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[offset...])
                #if canImport(Glibc)
                    return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
                #else
                    return unsafe Darwin.send(descriptor, rest.baseAddress, rest.count, flags)
                #endif
            }
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .again : .failed(errno)
        }
    }

    /// Says that nothing more will be written, while reading goes on.
    static func finishWriting(_ descriptor: Int32) {
        #if canImport(Glibc)
            shutdown(descriptor, Int32(SHUT_WR))
        #else
            shutdown(descriptor, SHUT_WR)
        #endif
    }

    /// Closes at once and tells the peer by a reset.
    static func reset(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &linger,
            socklen_t(MemoryLayout.size(ofValue: linger))
        )
        close(descriptor)
    }

    static func closeDescriptor(_ descriptor: Int32) {
        close(descriptor)
    }

    static var isOutOfDescriptors: Bool { errno == EMFILE || errno == ENFILE }
}

/// Pipes and processors.
extension SystemCalls {
    static func makePipe() throws(SystemError) -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw SystemError(call: "pipe", number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// May be called by a handler of a signal, and leaves what that interrupted its `errno`.
    static func writeByte(_ byte: UInt8, to descriptor: Int32) {
        let before = errno
        var byte = byte
        _ = unsafe write(descriptor, &byte, 1)
        errno = before
    }

    /// Waits for a byte; nil at the end.
    static func readByte(_ descriptor: Int32) -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }
}
