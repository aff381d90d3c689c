/// Names one value of a session and its type.
///
/// ```swift
/// struct Cart: SessionKey, Codable, Sendable {
///     static let name = "cart"
///     static let initial = Cart()
///     var items: [String] = []
/// }
/// try await request.session.update { $0[Cart.self].items.append("tea") }
/// ```
public protocol SessionKey {
    /// What is kept under the name; the key's own type unless it says otherwise.
    associatedtype Value: Codable & Sendable = Self
    /// The name under which a store keeps the value.
    static var name: String { get }
    /// The value of a session that has none yet.
    static var initial: Value { get }
}

/// What a session keeps, as the closures of `read` and `update` see it.
public struct SessionData: Sendable {
    private enum Stored: Sendable {
        case value(any Codable & Sendable)
        /// JSON from a backing, until somebody who knows its type writes it anew.
        case encoded([UInt8])
    }

    private var values: [String: Stored] = [:]

    init() {}

    /// The value of a key, or its initial one.
    public subscript<Key: SessionKey>(_ key: Key.Type) -> Key.Value {
        get { value(Key.name) ?? Key.initial }
        set { values[Key.name] = .value(newValue) }
    }

    /// Whether something is kept under a key.
    public func contains<Key: SessionKey>(_ key: Key.Type) -> Bool {
        values[Key.name] != nil
    }

    /// Forgets what is kept under a key.
    public mutating func remove<Key: SessionKey>(_ key: Key.Type) {
        values[Key.name] = nil
    }

    /// Whether nothing is kept at all.
    public var isEmpty: Bool { values.isEmpty }
}

/// Values by name, for what this library itself keeps and for backings.
extension SessionData {
    init(encoded: [String: [UInt8]]) {
        values = encoded.mapValues { .encoded($0) }
    }

    func encoded() throws -> [String: [UInt8]] {
        try values.mapValues { stored in
            switch stored {
            case .value(let value): try PayloadEncoder.encode(value)
            case .encoded(let json): json
            }
        }
    }

    /// Nil when there is no such value, or one that is not of this type.
    func value<Value: Codable & Sendable>(
        _ name: String,
        as type: Value.Type = Value.self
    ) -> Value? {
        switch values[name] {
        case .value(let value): value as? Value
        case .encoded(let json): try? PayloadDecoder.decode(type, from: json)
        case nil: nil
        }
    }

    func contains(_ name: String) -> Bool {
        values[name] != nil
    }

    mutating func set(_ name: String, _ value: any Codable & Sendable) {
        values[name] = .value(value)
    }

    mutating func remove(_ name: String) {
        values[name] = nil
    }
}
