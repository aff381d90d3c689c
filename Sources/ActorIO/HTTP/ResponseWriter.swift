/// Writes the head of a response; the body's bytes follow it unchanged.
///
/// The writer owns the framing: `Content-Length`, `Transfer-Encoding` and the choice between
/// keeping and closing are told by its caller, never taken from a handler's headers.
enum ResponseWriter {
    /// The interim answer to `Expect: 100-continue`.
    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private static let versionPrefix = Array("HTTP/1.1 ".utf8)
    private static let owned = ["content-length", "transfer-encoding"]

    /// Appends status line and headers with the empty line after them.
    ///
    /// For a HEAD request `contentLength` is the length GET would have. A nil length writes none:
    /// for 1xx, 204 and 304, which never have one, and for bodies ended by closing.
    static func appendHead(
        _ status: Status,
        _ headers: Headers,
        contentLength: Int?,
        keepAlive: Bool,
        date: String? = nil,
        minorVersion: Int = 1,
        to out: inout [UInt8]
    ) {
        out.append(contentsOf: versionPrefix)
        appendStatus(status, to: &out)
        appendFields(headers, to: &out)
        if let date, !headers.contains("date") {
            appendField("Date", date.utf8, to: &out)
        }
        if let contentLength, !status.forbidsBody {
            out.append(contentsOf: "Content-Length: ".utf8)
            out.append(decimal: contentLength)
            appendLineEnd(to: &out)
        }
        if !keepAlive, status != .switchingProtocols {
            appendField("Connection", "close".utf8, to: &out)
        } else if minorVersion == 0 {
            appendField("Connection", "keep-alive".utf8, to: &out)
        }
        appendLineEnd(to: &out)
    }

    private static func appendStatus(_ status: Status, to out: inout [UInt8]) {
        let code = min(max(status.code, 100), 999)
        out.append(decimal: code)
        out.append(0x20)
        // A line break in a reason would end the status line: such bytes become spaces.
        for byte in status.reason.utf8 { out.append(Grammar.isFieldValue(byte) ? byte : 0x20) }
        appendLineEnd(to: &out)
    }

    private static func appendFields(_ headers: Headers, to out: inout [UInt8]) {
        guard owned.contains(where: headers.contains) || headers.contains("connection") else {
            out.append(contentsOf: headers.bytes)
            return
        }
        for index in 0..<headers.count where !isOwned(headers, index) {
            out.append(contentsOf: headers.bytes[headers.line(at: index)])
        }
    }

    private static func isOwned(_ headers: Headers, _ index: Int) -> Bool {
        let name = headers.name(at: index)
        if Grammar.equal(name, ignoringCaseOf: "connection".utf8) {
            let value = headers.value(at: index)
            return Grammar.equal(value, ignoringCaseOf: "close".utf8)
                || Grammar.equal(value, ignoringCaseOf: "keep-alive".utf8)
        }
        return owned.contains { Grammar.equal(name, ignoringCaseOf: $0.utf8) }
    }

    private static func appendField(
        _ name: String,
        _ value: String.UTF8View,
        to out: inout [UInt8]
    ) {
        out.append(contentsOf: name.utf8)
        out.append(0x3A)
        out.append(0x20)
        out.append(contentsOf: value)
        appendLineEnd(to: &out)
    }

    private static func appendLineEnd(to out: inout [UInt8]) {
        out.append(0x0D)
        out.append(0x0A)
    }
}
