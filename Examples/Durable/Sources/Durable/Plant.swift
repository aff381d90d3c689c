import ActorIO
import Foundation

/// Bugs that a kill can bring to light, to see that it does.
enum Plant: String, CaseIterable, Sendable {
    /// A save is answered before the disk has it.
    case earlySave = "early-save"
    /// A deletion is answered before the disk has it.
    case earlyDelete = "early-delete"
    /// A file is written where it stands, not beside it.
    case inPlace = "in-place"
}

/// A backing with one of the bugs.
struct PlantedBacking: SessionBacking {
    private let backing: FileBacking
    private let plant: Plant
    private let directory: String

    init(_ backing: FileBacking, _ plant: Plant, _ directory: String) {
        self.backing = backing
        self.plant = plant
        self.directory = directory
    }

    func load(_ id: SessionID) async throws -> SessionRecord? {
        try await backing.load(id)
    }

    func save(_ record: SessionRecord, for id: SessionID) async throws {
        guard plant == .earlySave else {
            try await backing.save(record, for: id)
            if plant == .inPlace { rewrite(id) }
            return
        }
        Task { try await backing.save(record, for: id) }
    }

    func delete(_ id: SessionID) async throws {
        guard plant == .earlyDelete else { return try await backing.delete(id) }
        Task { try await backing.delete(id) }
    }

    func touch(_ id: SessionID, lastSeenAt: Int64, expiresAt: Int64) async throws {
        try await backing.touch(id, lastSeenAt: lastSeenAt, expiresAt: expiresAt)
    }

    func sessions(of userID: String) async throws -> [SessionID] {
        try await backing.sessions(of: userID)
    }

    /// The same bytes once more into the file that has them, in pieces, as a slow disk would.
    private func rewrite(_ id: SessionID) {
        let mark = Data(#""\#(id)""#.utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasSuffix(".0") || name.hasSuffix(".1") {
            let path = directory + "/" + name
            guard let bytes = FileManager.default.contents(atPath: path),
                bytes.range(of: mark) != nil
            else { continue }
            let file = open(path, O_WRONLY | O_TRUNC)
            for start in stride(from: 0, to: bytes.count, by: 64) {
                let piece = Array(bytes[start..<min(start + 64, bytes.count)])
                _ = piece.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                usleep(20)
            }
            close(file)
        }
    }
}
