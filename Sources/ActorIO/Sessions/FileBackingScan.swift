/// Reads a directory when a backing is opened: what is whole is noted, what is not finished goes,
/// what can not be read is set aside.
struct FileBackingScan {
    private let directory: any FileDirectory
    private let options: FileBacking.Options
    private(set) var index = FileBackingIndex()
    /// The highest number of a file.
    private(set) var sequence: Int64 = 0

    init(_ directory: any FileDirectory, _ options: FileBacking.Options) throws {
        self.directory = directory
        self.options = options
        try run()
    }

    private mutating func run() throws {
        var stems: [(stem: String, places: [FileBackingPlace])] = []
        for name in try directory.names().sorted() {
            if FileBackingName.isUnfinished(name) {
                try remove(name)
            } else if let (stem, place) = FileBackingName.parse(name) {
                if stems.last?.stem == stem {
                    stems[stems.count - 1].places.append(place)
                } else {
                    stems.append((stem, [place]))
                }
            }
        }
        for (stem, places) in stems { try take(stem, places) }
        // What was removed, now or by a process that was killed right then, must not come back when
        // there are newer files.
        try directory.sync()
    }

    private mutating func take(_ stem: String, _ places: [FileBackingPlace]) throws {
        var found: [(place: FileBackingPlace, file: FileBackingFormat)] = []
        for place in places {
            guard let file = try read(stem, place) else { continue }
            found.append((place, file))
        }
        // When one of two can not be read it may have been the later, and an old state is worse
        // than a login.
        guard found.count == places.count else {
            for (place, _) in found {
                setAside(FileBackingName.file(stem, place), "its twin can not be read")
            }
            return
        }
        guard let last = found.max(by: { $0.file.sequence < $1.file.sequence }) else { return }
        for (place, _) in found where place != last.place {
            try remove(FileBackingName.file(stem, place))
        }
        note(last.file, last.place)
    }

    private mutating func note(_ file: FileBackingFormat, _ place: FileBackingPlace) {
        sequence = max(sequence, file.sequence)
        index.put(
            file.id,
            FileBackingIndex.Entry(
                place: place,
                otherGone: -1,
                userID: file.record.userID.map { ByteString($0) },
                deadline: FileBackingClock.deadline(of: file.record)
            )
        )
    }

    /// Nil for what was set aside.
    private mutating func read(
        _ stem: String,
        _ place: FileBackingPlace
    ) throws -> FileBackingFormat? {
        let name = FileBackingName.file(stem, place)
        do {
            let bytes = try directory.read(name, upTo: options.maxFileSize)
            let file = try FileBackingFormat(bytes ?? [])
            guard FileBackingName.stem(file.id) == stem else {
                throw FileBackingFormat.Unreadable(reason: "it is another session's")
            }
            return file
        } catch let error as SystemError where error.isShortage {
            throw error
        } catch let error as FileBackingFormat.Unreadable {
            setAside(name, error.reason)
        } catch {
            setAside(name, "\(error)")
        }
        return nil
    }

    private mutating func remove(_ name: String) throws {
        try directory.remove(name)
    }

    private mutating func setAside(_ name: String, _ reason: String) {
        Self.setAside(name, reason, directory, options.log)
    }

    static func setAside(
        _ name: String,
        _ reason: String,
        _ directory: any FileDirectory,
        _ log: Log
    ) {
        let aside = FileBackingName.unreadable(name)
        do {
            try directory.rename(name, to: aside)
            log.warning("set a session file aside", ["file": aside, "reason": reason])
        } catch {
            log.error(
                "a session file can be neither read nor set aside",
                ["file": name, "reason": reason, "error": "\(error)"]
            )
        }
    }
}
