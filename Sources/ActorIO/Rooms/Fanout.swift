/// One hop for each loop: there, every socket is a direct call.
enum Fanout {
    static func deliver(
        _ group: MessageGroup,
        to part: Members.Part,
        except sender: SocketID?,
        volatile: Bool
    ) {
        let outlets = part.outlets
        part.loop.execute {
            for outlet in outlets where sender == nil || outlet.id != sender {
                outlet.deliver(group, volatile: volatile)
            }
        }
    }
}
