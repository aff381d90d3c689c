/// The rules that need the whole head: framing, host, expectations, escapes.
enum HeadCheck {
    /// Fills in what the headers say about the connection and the body.
    static func complete(
        _ head: inout RequestHead,
        _ limits: HTTPLimits
    ) throws(HTTPError) {
        try checkHost(head)
        head.framing = try framing(head)
        head.expectsContinue = try expectsContinue(head)
        try checkCookies(head.headers, limits)
        if head.minorVersion == 0 {
            head.keepAlive = head.headers.lists("keep-alive", in: "connection")
        } else {
            head.keepAlive = !head.headers.lists("close", in: "connection")
        }
        head.wantsUpgrade =
            head.headers.contains("upgrade") && head.headers.lists("upgrade", in: "connection")
        // RFC 6455 4.1: the handshake is a GET without a body.
        if head.wantsUpgrade, head.framing != .none, head.framing != .length(0),
            head.headers.lists("websocket", in: "upgrade")
        {
            throw HTTPError(.badRequest, "an upgrade has no body")
        }
    }

    /// Refuses bad escapes, NUL and what is no UTF-8, so that no handler ever meets them.
    static func escapes(of target: String) throws(HTTPError) {
        let raw = Array(target.utf8)
        guard let bytes = PercentCoding.decode(raw[...], plusIsSpace: false),
            !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil
        else { throw HTTPError(.badRequest, "malformed escape") }
    }

    // RFC 9112 6.3, strictly: one length or one "chunked", never both, nothing around them.
    private static func framing(_ head: RequestHead) throws(HTTPError) -> BodyFraming {
        let headers = head.headers
        let length = headers.firstIndex(of: "content-length")
        if let encoding = headers.firstIndex(of: "transfer-encoding") {
            guard length == nil, head.minorVersion == 1,
                headers.firstIndex(of: "transfer-encoding", from: encoding + 1) == nil,
                Grammar.equal(headers.value(at: encoding), ignoringCaseOf: "chunked".utf8)
            else { throw HTTPError(.badRequest, "malformed transfer-encoding") }
            return .chunked
        }
        guard let length else { return .none }
        guard headers.firstIndex(of: "content-length", from: length + 1) == nil,
            let count = Grammar.decimal(headers.value(at: length))
        else { throw HTTPError(.badRequest, "malformed content-length") }
        return .length(count)
    }

    private static func checkHost(_ head: RequestHead) throws(HTTPError) {
        guard let index = head.headers.firstIndex(of: "host") else {
            if head.minorVersion == 0 { return }
            throw HTTPError(.badRequest, "no host")
        }
        guard head.headers.firstIndex(of: "host", from: index + 1) == nil,
            isHost(head.headers.value(at: index))
        else { throw HTTPError(.badRequest, "malformed host") }
    }

    /// A name, an IPv4 address or a bracketed IPv6 address, and a port of at most five digits.
    private static func isHost(_ value: ArraySlice<UInt8>) -> Bool {
        var name = value
        let bracket = value.first == 0x5B ? value.firstIndex(of: 0x5D) : nil
        let tail = bracket.map { value[($0 + 1)...] } ?? value
        if let colon = tail.firstIndex(of: 0x3A) {
            let port = value[(colon + 1)...]
            guard port.count <= 5, let number = Grammar.decimal(port), number <= 65_535 else {
                return false
            }
            name = value[..<colon]
        }
        if let bracket {
            guard name.endIndex == bracket + 1, name.count > 2 else { return false }
            return name.dropFirst().dropLast().allSatisfy { isNameByte($0) || $0 == 0x3A }
        }
        return !name.isEmpty && name.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        Grammar.isDigit(byte) || (byte | 0x20) &- 0x61 < 26
            || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }

    private static func expectsContinue(_ head: RequestHead) throws(HTTPError) -> Bool {
        guard let index = head.headers.firstIndex(of: "expect") else { return false }
        guard head.headers.firstIndex(of: "expect", from: index + 1) == nil,
            Grammar.equal(head.headers.value(at: index), ignoringCaseOf: "100-continue".utf8)
        else { throw HTTPError(.expectationFailed) }
        // RFC 9110 10.1.1: ignored from HTTP/1.0 clients, and idle without a body.
        return head.minorVersion == 1 && head.framing != .none && head.framing != .length(0)
    }

    private static func checkCookies(
        _ headers: Headers,
        _ limits: HTTPLimits
    ) throws(HTTPError) {
        var count = 0
        var from = 0
        while let index = headers.firstIndex(of: "cookie", from: from) {
            count += 1
            for byte in headers.value(at: index) where byte == 0x3B { count += 1 }
            from = index + 1
        }
        guard count <= limits.maxCookieCount else { throw HTTPError(.headerFieldsTooLarge) }
    }
}
