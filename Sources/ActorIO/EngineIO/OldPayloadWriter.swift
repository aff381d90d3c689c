/// Writes the body of one poll in Engine.IO protocol 3; see ``OldPayloadParser`` for its two forms.
struct OldPayloadWriter {
    private let form: OldPayloadParser.Form
    private(set) var body: [UInt8] = []

    init(_ form: OldPayloadParser.Form) {
        self.form = form
    }

    /// What the body is sent as.
    var type: String {
        form == .text ? "text/plain; charset=UTF-8" : "application/octet-stream"
    }

    /// Appends a message and the attachments that must follow it.
    mutating func append(_ group: MessageGroup) {
        if group.hasText { append(text: group.storage[group.text]) }
        for range in group.binary { append(binary: group.storage[range]) }
    }

    /// Appends one packet.
    mutating func append(_ packet: EnginePacket) {
        if case .binary(let bytes) = packet {
            append(binary: bytes[...])
        } else {
            append(text: packet.text[...])
        }
    }

    private mutating func append(text: ArraySlice<UInt8>) {
        switch form {
        case .text:
            body.append(decimal: UTF16Length.count(text))
            body.append(UInt8(ascii: ":"))
        case .binary:
            appendHead(0, length: text.count)
        }
        body.append(contentsOf: text)
    }

    private mutating func append(binary bytes: ArraySlice<UInt8>) {
        switch form {
        case .text:
            let base64Count = (bytes.count + 2) / 3 * 4
            body.append(decimal: 2 + base64Count)
            body.append(":b4")
            Base64.append(bytes, to: &body)
        case .binary:
            appendHead(1, length: 1 + bytes.count)
            body.append(EnginePacket.oldBinaryType)
            body.append(contentsOf: bytes)
        }
    }

    /// Text or bytes, the digits of the length as numbers, and their end.
    private mutating func appendHead(_ kind: UInt8, length: Int) {
        body.append(kind)
        var digits: [UInt8] = []
        digits.append(decimal: length)
        for digit in digits { body.append(digit &- UInt8(ascii: "0")) }
        body.append(0xFF)
    }
}
