import ActorIO
import ActorIOTesting

/// Three users with several browsers and a device, whose tabs come and go while logins end.
struct Workload: Sendable {
    let plant: Plant?

    init(_ plant: Plant?) {
        self.plant = plant
    }

    func begin(_ world: World) async throws {
        let shape = Shape(world, plant)
        let model = Model(world, shape.lifetimes)
        let site = Site(world, model, shape, plant)
        let server = try await world.serve(site.app, site.io)
        spawn(world, server, model, shape)
        if shape.stops {
            world.spawn("operator") { player in
                await player.rest(for: .milliseconds(player.draw(90_000)))
                player.note("stops the server")
                await server.stop()
                model.stopped()
            }
        }
        expect(world, server, model)
        world.finally("every connection has said that it closed") { model.openCount == 0 }
        world.finally("nothing is kept of connections and sockets") { model.isForgotten }
        guard let backing = site.backing else { return }
        world.finally("nothing of an ended session is kept") {
            await backing.ids.allSatisfy { !model.endedIDs.contains($0) }
        }
    }

    private func spawn(
        _ world: World,
        _ server: SimulatedServer,
        _ model: Model,
        _ shape: Shape
    ) {
        let wallet = Wallet()
        // Tabs share what their browser knows.
        let browsers = [
            ("john", 3, false), ("john", 1, true), ("jane", 2, false), ("joe", 1, false),
        ]
        for (user, tabs, isDevice) in browsers {
            // Plants know cookies alone.
            let jar = Jar(isDevice: isDevice && plant == nil)
            for _ in 0..<tabs {
                let plant = plant
                world.spawn(user) { player in
                    let visitor = Visitor(player, user, jar, wallet, server, shape, plant)
                    await visitor.live(model)
                }
            }
        }
    }

    private func expect(_ world: World, _ server: SimulatedServer, _ model: Model) {
        world.always("nobody outlives their session") { model.isSound }
        guard plant == nil else { return }
        world.atRest("sessions that have come to their end are over") {
            model.expire()
            return model.isSound
        }
        world.atRest("nobody is in by a token that is over") { model.areTokensGood }
        world.atRest("nobody waits for an answer that can not come") { model.areQuestionsAlive }
        world.atRest("a user is present by the sockets that are open, and no other") {
            Site.users.values.allSatisfy { user in
                server.presence(of: .user(user))?.sockets == model.socketCount(of: user)
            }
        }
    }
}
