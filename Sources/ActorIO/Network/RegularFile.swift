#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is open for reading, closed with its last user.
final class RegularFile: Sendable {
    private let descriptor: Int32
    /// Bytes.
    let size: Int
    /// Seconds since 1970.
    let modified: Int

    private init(_ descriptor: Int32, _ status: stat) {
        self.descriptor = descriptor
        size = Int(status.st_size)
        #if canImport(Darwin)
            modified = Int(status.st_mtimespec.tv_sec)
        #else
            modified = Int(status.st_mtim.tv_sec)
        #endif
    }

    deinit { close(descriptor) }

    /// Nil for what is missing, unreadable, or no regular file.
    static func open(_ path: String) -> RegularFile? {
        guard !path.utf8.contains(0) else { return nil }
        #if canImport(Glibc)
            let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #else
            let descriptor = unsafe Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #endif
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return RegularFile(descriptor, status)
    }

    /// Up to `count` bytes; fewer at the end of the file, none after it.
    func read(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe pread(descriptor, &bytes, count, off_t(offset))
        bytes.removeLast(count - max(0, got))
        return bytes
    }
}

/// A piece of an open file, as a response body.
struct FileSlice: Sendable {
    let file: RegularFile
    var range: Range<Int>
}
