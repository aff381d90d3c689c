import ActorIO

/// Events and calls with the types of what they carry, so that both sides mean the same.
enum Talk {
    static let hello = Signal("hello")
    static let welcome = Event<SocketName>("welcome")
    static let move = Event<Int, Int>("move")
    static let moved = Event<Int, Int>("moved")
    static let order = Call<Receipt, Order>("order")
    static let upload = Call<Stored, Upload>("upload")
    /// What the server asks a client.
    static let favourite = Call<String, String>("favourite")
}

/// A socket's public name, as clients read it.
typealias SocketName = String

struct Order: Codable, Sendable {
    var item: String
    var count: Int
}

struct Receipt: Codable, Sendable {
    var item: String
    var cents: Int
}

/// Bytes travel beside the JSON, wherever they stand in a value.
struct Upload: Codable, Sendable {
    var name: String
    var parts: [[UInt8]]
}

struct Stored: Codable, Sendable {
    var name: String
    var size: Int
    var whole: [UInt8]
}
