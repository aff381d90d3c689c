/// Refuses requests that a page of another site makes a browser send.
///
/// One rule for forms and for sockets. A request without `Origin` comes from no foreign page, or
/// from no browser at all: it passes, unless the browser says of itself that it is cross-site.
struct OriginGuard: Sendable {
    /// Foreign origins that may, written exactly as browsers send them.
    var allowed: [String] = []
    /// Whether all may.
    var allowsAll = false

    /// Throws 403 for an unsafe method from a foreign origin, `null` included.
    func check(_ request: Request) throws(HTTPError) {
        guard !request.method.isSafe, !allows(request) else { return }
        throw HTTPError(.forbidden, "foreign origin")
    }

    /// Whether the request has no origin, this site's own, or one that is allowed.
    func allows(_ request: Request) -> Bool {
        let origins = request.headers.values("origin")
        if allowsAll, origins.count <= 1 { return true }
        guard let origin = origins.first else { return !OriginGuard.isCrossSite(request) }
        guard origins.count == 1 else { return false }
        if allowed.contains(where: { $0.utf8.elementsEqual(origin.utf8) }) { return true }
        return OriginGuard.isOwn(origin, request)
    }

    /// `Sec-Fetch-Site`, which no script can set: what an image, or a page without referrer, makes
    /// a browser send has it where it has no `Origin`.
    private static func isCrossSite(_ request: Request) -> Bool {
        request.headers.lists("cross-site", in: "sec-fetch-site")
    }

    // Behind a proxy that does not tell, a page that came over TLS looks plain to us: then both
    // schemes are this site's own. Over TLS the plain one is not.
    private static func isOwn(_ origin: String, _ request: Request) -> Bool {
        let bytes = Array(origin.utf8)
        guard let slashes = origin.utf8.firstIndex(of: 0x2F) else { return false }
        let scheme = String(origin[..<slashes])
        guard scheme == "https:" || (scheme == "http:" && !request.isSecure) else { return false }
        let rest = bytes.dropFirst(scheme.utf8.count)
        guard rest.starts(with: [0x2F, 0x2F]) else { return false }
        let port = scheme == "https:" ? ":443" : ":80"
        let own = OriginGuard.without(port, Array(request.head.host.utf8)[...])
        let theirs = OriginGuard.without(port, rest.dropFirst(2))
        return !own.isEmpty && Grammar.equal(theirs, ignoringCaseOf: own)
    }

    private static func without(
        _ suffix: String,
        _ bytes: ArraySlice<UInt8>
    ) -> ArraySlice<UInt8> {
        guard bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else { return bytes }
        return bytes.dropLast(suffix.utf8.count)
    }
}
