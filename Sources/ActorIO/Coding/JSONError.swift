/// Why a text is not JSON that this server accepts, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong; more codes may come.
    public enum Code: Hashable, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte stands where the grammar does not allow it.
        case unexpectedByte
        /// A string holds a raw control character.
        case controlCharacter
        /// A backslash is followed by something that is no escape.
        case badEscape
        /// A number is written in a way JSON does not know, such as `01` or `1.`.
        case badNumber
        /// A number is greater than a double can hold, or has more than 1,024 characters.
        case numberOutOfRange
        /// Arrays and objects are nested deeper than allowed.
        case tooDeep
        /// There are more values than allowed.
        case tooManyElements
        /// The text has more than 4 GB.
        case tooLong
    }

    /// What is wrong.
    public let code: Code
    /// The index of the byte at which it was noticed.
    public let offset: Int

    init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// The code and the place, without any of the text.
    public var description: String { "\(code) at byte \(offset)" }
}
