internal import ActorIO

/// What must not be left when the clients have gone and the time of every deadline has passed.
extension SimulatedServer {
    typealias Check = (name: String, body: @Sendable () async throws -> Bool)

    var leakChecks: [Check] {
        let server = server
        var checks: [Check] = [
            ("no HTTP connection is left", { await server.connectionCount == 0 })
        ]
        guard let core = io?.core else { return checks }
        checks.append(("no connection, socket or room is left", { await core.isEmpty }))
        return checks
    }
}
