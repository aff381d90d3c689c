import ActorIO

/// One client and the server.
func addMessages(_ root: inout Namespace) {
    addTypedMessages(&root)
    addRawMessages(&root)

    // An event may have several handlers; they run in order.
    root.on("twice") { socket in try socket.emit("first") }
    root.on("twice") { socket in try socket.emit("second") }

    // What is sent in a row arrives in a row, on every transport.
    root.on("count to") { (socket, last: Int) in
        for number in 1...min(max(last, 1), 1_000) { try socket.emit("number", number) }
    }

    // Dropped unless the client can take it at once.
    root.on("blink") { (socket, times: Int) in
        for number in 1...min(max(times, 1), 1_000) { try socket.volatile.emit("blink", number) }
        try socket.emit("blinked")
    }
}

/// With names and types from `Talk`: what does not fit the types never reaches a handler.
private func addTypedMessages(_ root: inout Namespace) {
    root.on(Talk.hello) { socket in try socket.emit(Talk.welcome, socket.id.description) }
    root.on(Talk.move) { socket, x, y in try socket.emit(Talk.moved, x, y) }
    // The value a handler returns is the answer; the text of a CallError is one as well.
    root.on(Talk.order) { _, order in
        guard (1...100).contains(order.count) else {
            throw CallError(.failed, "order 1 to 100 of it")
        }
        return Receipt(item: order.item, cents: order.count * 250)
    }
    root.on(Talk.upload) { _, file in
        let whole = Array(file.parts.joined())
        return Stored(name: file.name, size: whole.count, whole: whole)
    }
}

/// With raw names and whatever arguments come.
private func addRawMessages(_ root: inout Namespace) {
    root.on("echo") { (_, arguments: Arguments) in arguments }
    root.on("again") { (socket, arguments: Arguments) in
        try socket.emit("again", passing: arguments)
    }
    root.on("message") { (socket, value: JSONValue) in try socket.send(value) }
    // An optional argument may be missing.
    root.on("greet") { (_, name: String, title: String?) in
        "Hello, \(title.map { $0 + " " } ?? "")\(name)"
    }
    // The text of any other error is kept from clients.
    root.on("fail") { (_, secret: String) -> String in throw Failure(secret: secret) }
    // What belongs to a socket is kept in it, by type.
    root.on("remember") { (socket, text: String) in socket[Memory.self] = Memory(text: text) }
    root.on("recall") { socket in socket[Memory.self]?.text }
}

struct Memory: Codable, Sendable {
    var text: String
}

struct Failure: Error {
    var secret: String
}
