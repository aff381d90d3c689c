import ActorIO

/// Calls that the server makes; clients answer them by acknowledgement.
func addQuestions(_ root: inout Namespace) {
    root.on("ask me") { (socket, question: JSONValue, milliseconds: Int) in
        do {
            let patience = Duration.milliseconds(milliseconds)
            return answered(try await socket.call("question", question, timeout: patience))
        } catch let error as CallError {
            return failed(error)
        }
    }
    root.on("ask my favourite") { (socket, what: String) in
        try await socket.call(Talk.favourite, what)
    }
    // One of them, found from elsewhere.
    root.on("ask one") { (socket, name: SocketName, question: JSONValue) in
        let found = try await socket.namespace.in(Room(name)).fetchSockets()
        guard let other = found.first else { throw CallError(.failed, "nobody") }
        return answered(try await other.call("question", question))
    }
    // All of them: an answer that does not come keeps none of the others away.
    root.on("ask room") { (socket, room: String, question: JSONValue, milliseconds: Int) in
        let answers: [Result<JSONValue, any Error>] = try await socket.namespace.in(Room(room))
            .call("question", question, timeout: .milliseconds(milliseconds))
        return answers.map { answer in
            switch answer {
            case .success(let value): answered(value)
            case .failure(let error): failed(error)
            }
        }
    }
}

private func answered(_ value: JSONValue) -> JSONValue {
    ["answer": value]
}

/// The code of a `CallError` is `timeout`, `disconnected`, or `failed`: the client said so.
private func failed(_ error: any Error) -> JSONValue {
    guard let error = error as? CallError else { return ["failure": "unreadable"] }
    return ["failure": .string("\(error.code)")]
}
