/// One hop for each loop: there, every socket is a direct call.
enum Fanout {
    static func deliver(
        _ event: EncodedEvent,
        to part: Members.Part,
        except sender: SocketID?,
        volatile: Bool
    ) {
        let outlets = part.outlets
        // At once where that is possible: what a handler sends next to one of these sockets has to
        // come behind it.
        guard !part.loop.isCurrent else { return deliver(event, to: outlets, sender, volatile) }
        part.loop.execute { deliver(event, to: outlets, sender, volatile) }
    }

    static func deliver(_ event: EncodedEvent, to outlet: any Outlet) {
        guard !outlet.loop.isCurrent else { return outlet.deliver(event, volatile: false) }
        outlet.loop.execute { outlet.deliver(event, volatile: false) }
    }

    static func ask(_ question: Question, _ part: Members.Part) {
        let outlets = part.outlets
        guard !part.loop.isCurrent else { return outlets.forEach { $0.ask(question) } }
        part.loop.execute { outlets.forEach { $0.ask(question) } }
    }

    private static func deliver(
        _ event: EncodedEvent,
        to outlets: [any Outlet],
        _ sender: SocketID?,
        _ volatile: Bool
    ) {
        for outlet in outlets where sender == nil || outlet.id != sender {
            outlet.deliver(event, volatile: volatile)
        }
    }
}
