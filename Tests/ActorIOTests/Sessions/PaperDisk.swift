@testable import ActorIO

/// A directory as the rules of the file system have it, not as a kind kernel does.
///
/// Until it is synced, a name that was given or taken may be on the disk or not, each for itself,
/// and of a file any part. Every call is a step, and at one of them the call fails or the power
/// goes.
final class PaperDisk: FileDirectory {
    /// The power is off: the program is gone, and what it says now nobody hears.
    struct PowerOff: Error {}

    enum Fault: Sendable {
        case none
        /// The call throws; what it was to do is done, or not.
        case failure(at: Int, isDone: Bool)
        /// From a step on every call throws.
        case failures(from: Int)
        case powerOff(at: Int, isDone: Bool)
    }

    /// A call that returns without having done its work, as if it had been left out.
    enum Lie: Sendable, CaseIterable {
        case fileSync, nameSync
    }

    /// What a loss of power leaves of what was not synced.
    enum Loss: Sendable {
        /// All is there: the process was killed, the machine lives.
        case nothing
        case everything
        case random(UInt64)
    }

    private struct Node: Sendable {
        var bytes: [UInt8] = []
        var isSynced = false
    }

    private struct Change: Sendable {
        var put: (name: String, node: Int)?
        var drop: String?
    }

    private struct State: Sendable {
        var nodes: [Node] = []
        var names: [String: Int] = [:]
        /// What the disk has for certain, and what may have happened to it since.
        var durable: [String: Int] = [:]
        var changes: [Change] = []
        var steps = 0
        var fault = Fault.none
        var isOff = false
        var lie: Lie?
    }

    private let state = Locked(State())

    var steps: Int { state.withLock { $0.steps } }
    var isOff: Bool { state.withLock { $0.isOff } }
    var allNames: [String] { state.withLock { $0.names.keys.sorted() } }

    func set(_ lie: Lie) {
        state.withLock { $0.lie = lie }
    }

    /// Counts steps anew.
    func set(_ fault: Fault) {
        state.withLock { state in
            state.steps = 0
            state.fault = fault
        }
    }

    /// The contents of a file are changed behind everybody's back.
    func damage(_ name: String, _ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let node = state.names[name] else { return }
            change(&state.nodes[node].bytes)
        }
    }

    /// The same disk after the power came back.
    func restarted(after loss: Loss) -> PaperDisk {
        let disk = PaperDisk()
        let after = state.withLock { Self.after(loss, $0) }
        disk.state.withLock { $0 = after }
        return disk
    }

    private static func after(_ loss: Loss, _ state: State) -> State {
        var dice = SplitMix64(0)
        if case .random(let seed) = loss { dice = SplitMix64(seed) }
        var after = State()
        after.durable = state.durable
        for change in state.changes {
            switch loss {
            case .nothing: apply(change, to: &after.durable)
            case .everything: break
            case .random: if Bool.random(using: &dice) { apply(change, to: &after.durable) }
            }
        }
        after.names = after.durable
        after.nodes = state.nodes.map { node in
            guard !node.isSynced else { return node }
            switch loss {
            case .nothing: return Node(bytes: node.bytes, isSynced: true)
            case .everything: return Node(bytes: [], isSynced: true)
            case .random: return Node(bytes: torn(node.bytes, &dice), isSynced: true)
            }
        }
        return after
    }

    private static func torn(_ bytes: [UInt8], _ dice: inout SplitMix64) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes
        case 1: [UInt8](repeating: 0, count: bytes.count)
        default: Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &dice)))
        }
    }

    private static func apply(_ change: Change, to names: inout [String: Int]) {
        if let name = change.drop { names[name] = nil }
        if let put = change.put { names[put.name] = put.node }
    }

    // What is asked of it

    func names() throws -> [String] {
        try step { Array($0.names.keys) }
    }

    func read(_ name: String, upTo limit: Int) throws -> [UInt8]? {
        try step { state in
            state.names[name].map { Array(state.nodes[$0].bytes.prefix(limit + 1)) }
        }
    }

    func create(_ name: String) throws -> any NewFile {
        let node = try step { state -> Int? in
            guard state.names[name] == nil else { return nil }
            state.nodes.append(Node())
            let change = Change(put: (name, state.nodes.count - 1))
            Self.apply(change, to: &state.names)
            state.changes.append(change)
            return state.nodes.count - 1
        }
        guard let node else { throw SystemError(call: "create \(name)", number: 17) }
        return PaperFile(disk: self, node: node)
    }

    func rename(_ name: String, to other: String) throws {
        try step { state in
            guard let node = state.names[name] else { return }
            let change = Change(put: (other, node), drop: name)
            Self.apply(change, to: &state.names)
            state.changes.append(change)
        }
    }

    func remove(_ name: String) throws {
        try step { state in
            guard state.names[name] != nil else { return }
            state.names[name] = nil
            state.changes.append(Change(drop: name))
        }
    }

    func sync() throws {
        try step(doneEvenIfFailed: false) { state in
            guard state.lie != .nameSync else { return }
            state.durable = state.names
            state.changes = []
        }
    }

    func unlock() {}

    fileprivate func write(_ bytes: [UInt8], _ node: Int) throws {
        try step { state in
            state.nodes[node].bytes += bytes
            state.nodes[node].isSynced = false
        }
    }

    fileprivate func sync(_ node: Int) throws {
        try step(doneEvenIfFailed: false) { state in
            guard state.lie != .fileSync else { return }
            state.nodes[node].isSynced = true
        }
    }

    /// A sync that failed has promised nothing, whatever it did.
    private func step<Result: Sendable>(
        doneEvenIfFailed: Bool = true,
        _ body: @Sendable (inout State) -> Result
    ) throws -> Result {
        try state.withLock { state throws -> Result in
            guard !state.isOff else { throw PowerOff() }
            let number = state.steps
            state.steps += 1
            let failure = SystemError(call: "step \(number)", number: 5)
            switch state.fault {
            case .failure(number, let isDone):
                if isDone, doneEvenIfFailed { _ = body(&state) }
                throw failure
            case .failures(let first) where number >= first:
                throw failure
            case .powerOff(number, let isDone):
                if isDone { _ = body(&state) }
                state.isOff = true
                throw PowerOff()
            default:
                return body(&state)
            }
        }
    }
}

private final class PaperFile: NewFile {
    private let disk: PaperDisk
    private let node: Int

    init(disk: PaperDisk, node: Int) {
        self.disk = disk
        self.node = node
    }

    func write(_ bytes: [UInt8]) throws {
        try disk.write(bytes, node)
    }

    func sync() throws {
        try disk.sync(node)
    }
}
