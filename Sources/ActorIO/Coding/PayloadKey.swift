/// A name or a place in a payload.
enum PayloadKey: CodingKey {
    case name(String)
    case place(Int)

    /// Where a class keeps the part of its superclass.
    static let superclass = PayloadKey.name("super")

    init(stringValue: String) { self = .name(stringValue) }

    init(intValue: Int) { self = .place(intValue) }

    var stringValue: String {
        switch self {
        case .name(let name): name
        case .place(let place): "\(place)"
        }
    }

    var intValue: Int? {
        if case .place(let place) = self { place } else { nil }
    }
}

/// Generic types that are compared with, by identities the runtime need not look up each time.
enum PayloadType {
    static let bytes = ObjectIdentifier([UInt8].self)
    static let integers = ObjectIdentifier([Int].self)
    static let doubles = ObjectIdentifier([Double].self)
    static let strings = ObjectIdentifier([String].self)
    static let optionalString = ObjectIdentifier(String?.self)
    static let optionalInt = ObjectIdentifier(Int?.self)
    static let optionalDouble = ObjectIdentifier(Double?.self)
    static let optionalBool = ObjectIdentifier(Bool?.self)
}
