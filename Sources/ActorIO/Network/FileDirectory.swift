/// What a keeper of files asks of the system: one directory, whole files by their names in it.
///
/// The seam at which tests let a disk fail, or a machine lose power, at every single step.
protocol FileDirectory: Sendable {
    /// Every name in it, in no order.
    func names() throws -> [String]
    /// A whole file, nil when there is none; of one that is longer than `limit`, one byte more.
    func read(_ name: String, upTo limit: Int) throws -> [UInt8]?
    /// A new file for its owner alone; fails when the name is taken.
    func create(_ name: String) throws -> any NewFile
    /// Gives a file another name, in the place of what had that one, in one step.
    func rename(_ name: String, to other: String) throws
    /// Takes a name away; no error when nobody has it.
    func remove(_ name: String) throws
    /// Returns when every change of names so far will survive a loss of power.
    func sync() throws
    /// Lets others lock the directory.
    func unlock()
}

/// A file that is being written; closed with its last user.
protocol NewFile: Sendable {
    /// Appends all of the bytes.
    func write(_ bytes: [UInt8]) throws
    /// Returns when the contents will survive a loss of power; asked once, for a second answer
    /// would mean nothing: after a failure the system forgets what it could not write.
    func sync() throws
}
