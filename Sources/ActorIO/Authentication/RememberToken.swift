/// What a browser shows to be recognised: a series, which names the login, and a token, which is
/// good once.
struct RememberToken: Sendable, Equatable {
    let series: String
    let token: String

    init(series: String = Token.text(bytes: 16), token: String = Token.text(bytes: 32)) {
        self.series = series
        self.token = token
    }

    /// Reads `<series>.<token>`, both URL-safe base64 of a fixed length.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 22, parts[1].count == 43 else { return nil }
        series = String(Substring(parts[0]))
        token = String(Substring(parts[1]))
    }

    var text: String { series + "." + token }

    var hash: [UInt8] { SHA256.hash(Array(token.utf8)) }

    /// The token after this one: nobody can make it who has neither the secret nor the nonce.
    ///
    /// It is made and not drawn, so that two requests with one token get the same answer although
    /// only hashes are kept.
    func successor(_ nonce: [UInt8], _ cookie: SessionCookie) -> RememberToken {
        let code = cookie.code(for: Array(text.utf8) + [0] + nonce, "remember")
        let token = Base64.encode(code, .url, padding: false)
        return RememberToken(series: series, token: String(decoding: token, as: UTF8.self))
    }
}

extension RememberedLogin {
    enum Use: Equatable {
        /// The token that is good now.
        case fresh
        /// One that another request of the same browser has used a moment ago.
        case again
        /// One that was used before: two parties have the same cookie.
        case stolen
        case over
    }

    func use(of shown: RememberToken, at now: Int64, grace: Int64) -> Use {
        guard now < expiresAt else { return .over }
        let hash = shown.hash
        if constantTimeEqual(hash, tokenHash) { return .fresh }
        guard let usedHash, constantTimeEqual(hash, usedHash), now - usedAt < grace else {
            return .stolen
        }
        return .again
    }
}
