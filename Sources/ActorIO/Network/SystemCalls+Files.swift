#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Directories and the files in them; `what` is how an error names the attempt.
extension SystemCalls {
    /// Makes a directory for its owner alone; false when there is one already.
    static func makeDirectory(_ path: String) throws -> Bool {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SystemError(call: "directory \"\(path)\"", number: EINVAL)
        }
        if unsafe mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw SystemError(call: "making of \(path)", number: errno) }
        return false
    }

    static func openDirectory(_ path: String) throws -> Int32 {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SystemError(call: "opening of \(path)", number: errno)
        }
        return descriptor
    }

    /// The nine permission bits; none when the system does not tell.
    static func permissions(_ descriptor: Int32) -> UInt32 {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? UInt32(status.st_mode) & 0o777 : 0
    }

    static func names(_ directory: Int32, _ what: String) throws -> [String] {
        // A descriptor of its own, so that each reading begins at the beginning.
        let descriptor = unsafe openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(call: what, number: errno) }
        guard let stream = unsafe fdopendir(descriptor) else {
            let number = errno
            close(descriptor)
            throw SystemError(call: what, number: number)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe nameText(entry)
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw SystemError(call: what, number: errno) }
        return names
    }

    /// The name lies in the entry up to a zero; the entry may be shorter than its structure.
    private static func nameText(_ entry: UnsafeMutablePointer<dirent>) -> String {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let start = unsafe UnsafeRawPointer(entry).advanced(by: offset)
        return unsafe String(cString: start.assumingMemoryBound(to: CChar.self))
    }

    /// Nil when there is no such file; an error for what is no regular one.
    static func readFile(
        _ directory: Int32,
        _ name: String,
        upTo limit: Int,
        _ what: String
    ) throws -> [UInt8]? {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = unsafe openat(directory, name, flags)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemError(call: what, number: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw SystemError(call: what, number: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(call: what, number: EINVAL)
        }
        let size = min(max(0, Int(status.st_size)), limit) + 1
        return try read(descriptor, upTo: size, what)
    }

    private static func read(_ file: Int32, upTo count: Int, _ what: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var length = 0
        while length < count {
            let got = unsafe bytes.withUnsafeMutableBytes { room in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[length...])
                return unsafe pread(file, rest.baseAddress, rest.count, off_t(length))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw SystemError(call: what, number: errno) }
            if got == 0 { break }
            length += got
        }
        bytes.removeLast(count - length)
        return bytes
    }

    static func createFile(_ directory: Int32, _ name: String, _ what: String) throws -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe openat(directory, name, flags, 0o600)
        guard descriptor >= 0 else { throw SystemError(call: what, number: errno) }
        return descriptor
    }

    static func writeAll(_ file: Int32, _ bytes: [UInt8], _ what: String) throws {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                return unsafe write(file, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw SystemError(call: what, number: count < 0 ? errno : EIO)
            }
            written += count
        }
    }

    static func rename(
        _ directory: Int32,
        _ name: String,
        _ other: String,
        _ what: String
    ) throws {
        guard unsafe renameat(directory, name, directory, other) == 0 else {
            throw SystemError(call: what, number: errno)
        }
    }

    static func remove(_ directory: Int32, _ name: String, _ what: String) throws {
        guard unsafe unlinkat(directory, name, 0) == 0 || errno == ENOENT else {
            throw SystemError(call: what, number: errno)
        }
    }

    /// Waits until the disk has what was written to a file, or the names of a directory.
    static func sync(_ descriptor: Int32, _ what: String) throws {
        #if canImport(Darwin)
            // There `fsync` leaves the bytes in the drive's own memory; not every file system has
            // the stronger call.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw SystemError(call: what, number: errno) }
        }
    }

    static func syncParent(_ directory: Int32, _ what: String) throws {
        let parent = unsafe openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw SystemError(call: what, number: errno) }
        defer { close(parent) }
        try sync(parent, what)
    }
}

/// Lock files.
extension SystemCalls {
    static func openLockFile(_ directory: Int32, _ name: String, _ place: String) throws -> Int32 {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe openat(directory, name, flags, 0o600)
        guard descriptor >= 0 else {
            throw SystemError(call: "opening of \(place)", number: errno)
        }
        return descriptor
    }

    /// Locks a file until it is closed; false when it is locked through another descriptor.
    static func lock(_ file: Int32, _ what: String) throws -> Bool {
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw SystemError(call: what, number: errno) }
        }
        return true
    }

    /// Puts a few bytes in the place of what a file had: a note to people, so nobody waits for it.
    static func replace(_ file: Int32, _ bytes: [UInt8]) {
        guard ftruncate(file, 0) == 0 else { return }
        try? writeAll(file, bytes, "")
    }

    /// The first bytes of a file, none when it can not be read.
    static func readStart(_ file: Int32, _ count: Int) -> [UInt8] {
        (try? read(file, upTo: count, "")) ?? []
    }
}

extension SystemError {
    /// Something is larger than it may be.
    static func tooLarge(_ what: String) -> SystemError { SystemError(call: what, number: EFBIG) }
    /// Something is used that was closed.
    static func closed(_ what: String) -> SystemError {
        SystemError(call: "use of \(what), which is closed", number: EBADF)
    }

    /// Whether the process or the machine is short of something that may be there again later.
    var isShortage: Bool { [EMFILE, ENFILE, ENOMEM].contains(number) }
}
