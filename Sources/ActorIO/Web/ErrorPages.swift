/// Small answers to errors in the form the client asked for: HTML, JSON or plain text.
enum ErrorPages {
    static func page(_ error: HTTPError, for request: Request) -> Response {
        let accept = request.headers.values("accept").flatMap(Grammar.list).map(MediaType.essence)
        let reason = error.reason.isEmpty ? error.status.reason : error.reason
        if accept.contains("text/html") {
            return .html(html(error.status, reason), status: error.status)
        }
        if accept.contains(MediaType.json) {
            return .bytes(json(reason), type: MediaType.json, status: error.status)
        }
        return .text(reason, status: error.status)
    }

    private static func html(_ status: Status, _ reason: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(status.code) \(escaped(status.reason))</title>
        <h1>\(status.code) \(escaped(status.reason))</h1>
        <p>\(escaped(reason))</p>

        """
    }

    /// The text with the five bytes that mean something in HTML replaced.
    static func escaped(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x26: out.append("&amp;")
            case 0x3C: out.append("&lt;")
            case 0x3E: out.append("&gt;")
            case 0x22: out.append("&quot;")
            case 0x27: out.append("&#39;")
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func json(_ reason: String) -> [UInt8] {
        var out = Array("{\"error\":\"".utf8)
        for byte in reason.utf8 {
            switch byte {
            case 0x22, 0x5C: out += [0x5C, byte]
            case 0..<0x20: out.append(0x20)
            default: out.append(byte)
            }
        }
        out += "\"}".utf8
        return out
    }
}
