/// A directory of the file system, held open and locked against other processes.
final class DiskDirectory: FileDirectory {
    /// Somebody else has the lock, and the number that the holder has left there.
    struct Taken: Error {
        let process: Int?
    }

    static let lockName = "lock"

    let path: String
    /// Whether the directory lets others in; one that is made here does not.
    let isOpenToOthers: Bool
    private let descriptor: Int32
    private let lock = Locked<Int32?>(nil)

    private init(_ path: String, _ descriptor: Int32, isOpenToOthers: Bool) {
        self.path = path
        self.descriptor = descriptor
        self.isOpenToOthers = isOpenToOthers
    }

    deinit {
        unlock()
        SystemCalls.closeDescriptor(descriptor)
    }

    /// Opens a directory and locks it, after making it when it is missing; its parent must exist.
    static func open(_ path: String) throws -> DiskDirectory {
        let isNew = try SystemCalls.makeDirectory(path)
        let descriptor = try SystemCalls.openDirectory(path)
        let mode = SystemCalls.permissions(descriptor)
        let directory = DiskDirectory(path, descriptor, isOpenToOthers: mode & 0o077 != 0)
        // Or the whole directory could be gone after a loss of power, with all that was promised.
        // Who made an older one may have been killed right then; its parent need not be ours.
        do {
            try SystemCalls.syncParent(descriptor, "sync of the parent of \(path)")
        } catch  where !isNew {}
        try directory.takeLock()
        return directory
    }

    /// The kernel gives the lock back when the process ends, however it ends.
    private func takeLock() throws {
        let place = place(Self.lockName)
        let file = try SystemCalls.openLockFile(descriptor, Self.lockName, place)
        do {
            guard try SystemCalls.lock(file, "lock of \(place)") else {
                let holder = SystemCalls.readStart(file, 20).prefix { $0 != 0x0A }
                throw Taken(process: Int(String(decoding: holder, as: UTF8.self)))
            }
        } catch {
            SystemCalls.closeDescriptor(file)
            throw error
        }
        SystemCalls.replace(file, [UInt8]("\(ThisProcess.id)\n"))
        lock.withLock { $0 = file }
    }

    func unlock() {
        let file = lock.withLock { exchange(&$0, with: nil) }
        if let file { SystemCalls.closeDescriptor(file) }
    }

    func names() throws -> [String] {
        try SystemCalls.names(descriptor, "reading of \(path)")
    }

    func read(_ name: String, upTo limit: Int) throws -> [UInt8]? {
        try SystemCalls.readFile(descriptor, name, upTo: limit, "reading of \(place(name))")
    }

    func create(_ name: String) throws -> any NewFile {
        let place = place(name)
        return DiskFile(
            try SystemCalls.createFile(descriptor, name, "creation of \(place)"),
            place
        )
    }

    func rename(_ name: String, to other: String) throws {
        try SystemCalls.rename(descriptor, name, other, "renaming of \(place(name))")
    }

    func remove(_ name: String) throws {
        try SystemCalls.remove(descriptor, name, "removal of \(place(name))")
    }

    func sync() throws {
        try SystemCalls.sync(descriptor, "sync of \(path)")
    }

    private func place(_ name: String) -> String { "\(path)/\(name)" }
}

/// A new file on the disk.
private final class DiskFile: NewFile {
    private let descriptor: Int32
    private let place: String

    init(_ descriptor: Int32, _ place: String) {
        self.descriptor = descriptor
        self.place = place
    }

    deinit { SystemCalls.closeDescriptor(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        try SystemCalls.writeAll(descriptor, bytes, "writing of \(place)")
    }

    func sync() throws {
        try SystemCalls.sync(descriptor, "sync of \(place)")
    }
}
