/// One hop for each loop: there, every socket is a direct call.
enum Fanout {
    static func deliver(
        _ group: MessageGroup,
        to part: Members.Part,
        except sender: SocketID?,
        volatile: Bool
    ) {
        let outlets = part.outlets
        // At once where that is possible: what a handler sends next to one of these sockets has to
        // come behind it.
        guard !part.loop.isCurrent else { return deliver(group, to: outlets, sender, volatile) }
        part.loop.execute { deliver(group, to: outlets, sender, volatile) }
    }

    private static func deliver(
        _ group: MessageGroup,
        to outlets: [any Outlet],
        _ sender: SocketID?,
        _ volatile: Bool
    ) {
        for outlet in outlets where sender == nil || outlet.id != sender {
            outlet.deliver(group, volatile: volatile)
        }
    }
}
