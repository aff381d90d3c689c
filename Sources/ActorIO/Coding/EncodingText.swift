/// The text of values that are being encoded, one inside the other, and what they are so far.
///
/// A value is known by its `frame`, its place on the stack. Whatever it asks for that its state
/// does not allow is answered with false and changes nothing.
struct EncodingText {
    /// A value that is not complete yet.
    private struct Level {
        enum Shape { case empty, scalar, array, object }

        var shape = Shape.empty
        var count = 0
        let key: (any CodingKey)?
    }

    var bytes: [UInt8]
    private var frames: [Level] = []

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// How many values are not complete.
    var depth: Int { frames.count }

    /// The names and places of the values that are not complete.
    var keys: [any CodingKey] { frames.compactMap(\.key) }

    mutating func begin(_ key: (any CodingKey)?) {
        frames.append(Level(key: key))
    }

    /// Completes values until only so many are left.
    mutating func end(to depth: Int) {
        while frames.count > depth, let frame = frames.popLast() {
            switch frame.shape {
            case .array: bytes.append(UInt8(ascii: "]"))
            case .object: bytes.append(UInt8(ascii: "}"))
            case .empty: bytes.append("{}")  // a type without properties
            case .scalar: break
            }
        }
    }

    /// Makes a value an array or object, or finds that it is one already.
    mutating func open(_ frame: Int, isObject: Bool) -> Bool {
        guard frame == frames.count - 1 else { return false }
        switch frames[frame].shape {
        case .empty:
            frames[frame].shape = isObject ? .object : .array
            bytes.append(UInt8(ascii: isObject ? "{" : "["))
            return true
        case .object: return isObject
        case .array: return !isObject
        case .scalar: return false
        }
    }

    /// How many elements or members a value has.
    func count(_ frame: Int) -> Int {
        frames.indices.contains(frame) ? frames[frame].count : 0
    }

    /// Writes the name of a member.
    mutating func member(_ name: String, _ frame: Int) -> Bool {
        guard element(frame) else { return false }
        JSONWriter.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        return true
    }

    /// Makes room for another element.
    mutating func element(_ frame: Int) -> Bool {
        guard frame >= 0, frame == frames.count - 1 else { return false }
        if frames[frame].count > 0 { bytes.append(UInt8(ascii: ",")) }
        frames[frame].count += 1
        return true
    }

    /// Declares a value to be a scalar, or one that another value stands for.
    mutating func scalar(_ frame: Int) -> Bool {
        guard frame == frames.count - 1, frames[frame].shape == .empty else { return false }
        frames[frame].shape = .scalar
        return true
    }

    /// Takes back `scalar`, for the value that stands for this one says what it is.
    mutating func undecided(_ frame: Int) {
        frames[frame].shape = .empty
    }
}
