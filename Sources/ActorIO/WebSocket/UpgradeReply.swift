/// The answer to a request that wants to speak WebSocket: a refusal, or what the 101 must carry.
///
/// Subprotocols and extensions are not looked at, so none is ever agreed on: permessage-deflate
/// costs every connection memory, and its window has been the way into many servers.
enum UpgradeReply {
    /// Checks the request and returns the value of `Sec-WebSocket-Accept` (RFC 6455 4.2.1).
    ///
    /// Another method is 405, another version 426 with the one we speak, any other flaw 400.
    static func check(_ head: RequestHead) throws(HTTPError) -> [UInt8] {
        guard head.method == .get else {
            throw HTTPError(.methodNotAllowed, "WebSocket needs GET", headers: ["Allow": "GET"])
        }
        let headers = head.headers
        guard head.minorVersion >= 1, head.framing == .none,
            headers.lists("upgrade", in: "Connection"), headers.lists("websocket", in: "Upgrade")
        else { throw HTTPError(.badRequest, "not a WebSocket upgrade") }
        guard let asked = headers.only("Sec-WebSocket-Version"), asked.elementsEqual("13".utf8)
        else {
            throw HTTPError(.upgradeRequired, "WebSocket version 13 needed", headers: version)
        }
        guard let key = headers.only("Sec-WebSocket-Key"), isNonce(key) else {
            throw HTTPError(.badRequest, "bad Sec-WebSocket-Key")
        }
        return acceptKey(key)
    }

    /// The headers of the 101.
    static func headers(accept: [UInt8]) -> Headers {
        var headers = switching
        headers.append(known: "Sec-WebSocket-Accept", accept)
        return headers
    }

    private static let switching: Headers = ["Upgrade": "websocket", "Connection": "Upgrade"]

    /// Proves that the request was read as WebSocket: a hash of the key and a fixed text.
    static func acceptKey(_ key: ArraySlice<UInt8>) -> [UInt8] {
        var proof: [UInt8] = []
        proof.reserveCapacity(key.count + magic.count)
        proof.append(contentsOf: key)
        proof.append(contentsOf: magic)
        return Base64.encode(SHA1.hash(proof))
    }

    private static let magic = [UInt8]("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)

    /// RFC 6455 4.4: a 426 names the versions that are understood.
    private static var version: Headers {
        ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
    }

    /// The key is "a base64-encoded value that, when decoded, is 16 bytes in length".
    private static func isNonce(_ key: ArraySlice<UInt8>) -> Bool {
        key.count == 24 && Base64.decode(key)?.count == 16
    }
}
