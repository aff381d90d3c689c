import ActorIO

/// What server and page say to each other.
enum Events {
    static let whoami = Call<Me>("whoami")
    static let history = Call<[Message]>("chat history")
    static let say = Call<Message?, String>("chat message")
    static let isTyping = Signal("typing")

    static let message = Event<Message>("chat message")
    static let typing = Event<Typist>("typing")
    static let presence = Event<[Person]>("presence")
    static let devices = Event<[Device]>("devices")
}

/// The user of a page, and the device it is on.
struct Me: Codable, Sendable {
    var id: Int
    var name: String
    var device: String
}

/// One line of the chat; `at` counts milliseconds since 1970.
struct Message: Codable, Sendable {
    var id: Int
    var from: Int
    var name: String
    var text: String
    var at: Int
}

/// Somebody who is writing.
struct Typist: Codable, Sendable {
    var id: Int
    var name: String
}

/// How much of a user is here; somebody who is online without a socket is about to be back.
struct Person: Codable, Sendable {
    var id: Int
    var name: String
    var isOnline: Bool
    var sockets: Int
    var devices: Int
}

/// One login session, as its user sees it.
struct Device: Codable, Sendable {
    var id: String
    var agent: String
    var since: Int
    var sockets: Int
}
