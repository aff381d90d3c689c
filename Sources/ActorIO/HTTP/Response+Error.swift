extension Response {
    /// The plainest form of a refusal, for what goes wrong before an app is reached.
    init(_ error: HTTPError) {
        let text = error.reason.isEmpty ? error.status.reason : error.reason
        self = .text(text + "\n", status: error.status)
        for (name, value) in error.headers { headers.add(name, value) }
    }
}
