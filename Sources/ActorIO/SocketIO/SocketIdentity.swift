/// As whom a socket is here, where clients say so at every CONNECT.
final class SocketIdentity: Sendable {
    private struct State {
        var proof: ConnectChain.Proof
        var login: SavedLogin
        var isRenewing = false
        var isReleased = false
    }

    let chain: ConnectChain
    private let registry: RoomRegistry
    private let state: Locked<State>

    init(_ proof: ConnectChain.Proof, _ chain: ConnectChain, _ registry: RoomRegistry) {
        self.chain = chain
        self.registry = registry
        state = Locked(State(proof: proof, login: Self.login(proof, chain)))
    }

    var request: Request { state.withLock { $0.proof.request } }
    /// As it was when it was proven: a request forgets its session when that ends.
    var login: SavedLogin { state.withLock { $0.login } }

    private static func login(_ proof: ConnectChain.Proof, _ chain: ConnectChain) -> SavedLogin {
        SavedLogin(proof.request, identity: chain.identity(of: proof.request))
    }

    /// Whether a login is of the same user; its session may be another.
    func isSame(as other: SavedLogin) -> Bool {
        let login = login
        return login.user == other.user && login.identity == other.identity
    }

    /// One at a time: the last to be asked for shall be the one that counts.
    func beginRenewal() -> Bool {
        state.withLock { state in
            defer { state.isRenewing = true }
            return !state.isRenewing
        }
    }

    func endRenewal() {
        state.withLock { $0.isRenewing = false }
    }

    /// A fresh proof in the place of the old one, whose rooms are left; false when its socket has
    /// gone.
    func replace(_ proof: ConnectChain.Proof) -> Bool {
        let login = Self.login(proof, chain)
        let old = state.withLock { state -> HandshakeMember in
            guard !state.isReleased else { return proof.claim }
            defer { (state.proof, state.login) = (proof, login) }
            return state.proof.claim
        }
        registry.release(old)
        return old != proof.claim
    }

    /// The socket has gone, or never came: its connection leaves the rooms it was in for it.
    func release() {
        let claim = state.withLock { state -> HandshakeMember? in
            guard !state.isReleased else { return nil }
            state.isReleased = true
            return state.proof.claim
        }
        if let claim { registry.release(claim) }
    }
}
