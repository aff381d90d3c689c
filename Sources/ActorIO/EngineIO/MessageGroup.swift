/// One text message and the binary messages that must follow it without a gap, framed once.
///
/// A broadcast builds one group and every WebSocket writes the same `frames`; a polling
/// response is built from the ranges `text` and `binary`. Nothing in it changes afterwards.
/// Packets of custom parsers may have no text: then the binary messages are all there is.
///
/// ```
///  0         start      text.lowerBound
///  ├─ unused ─┼─ header ─┼─ "42[…]" ─┼─ header ─┼─ attachment ─┼ …
///             └──────────────── frames ────────────────────────┘
/// ```
struct MessageGroup: Sendable {
    /// Free bytes in front of the text, so that a frame header of any size fits without moving it.
    static let reserve = 10

    /// The bytes; `storage[start...]` is ready to be written to a WebSocket.
    let storage: [UInt8]
    /// Where the header of the text frame begins.
    let start: Int
    /// The payload of the text frame, the engine's packet type included; empty without one.
    let text: Range<Int>
    /// The payloads of the binary frames.
    let binary: [Range<Int>]

    /// Frames a text that already has `reserve` free bytes in front of its packet type.
    ///
    /// A text alone is not copied when the caller gives its array away, by `consume`: without
    /// the word the compiler keeps the caller's variable alive, and one copy per message with it.
    init(reserved text: consuming [UInt8], binary attachments: [[UInt8]] = []) {
        var bytes = text
        if bytes.count < Self.reserve {
            bytes += [UInt8](repeating: 0, count: Self.reserve - bytes.count)
        }
        self.text = Self.reserve..<bytes.count
        start = FrameWriter.putHeader(.text, for: self.text, in: &bytes)
        binary = Self.append(attachments, to: &bytes)
        storage = bytes
    }

    /// Frames a text that starts with its packet type.
    init(text: [UInt8], binary attachments: [[UInt8]] = []) {
        var bytes = [UInt8]()
        bytes.reserveCapacity(Self.reserve + text.count + Self.size(of: attachments))
        bytes.append(contentsOf: repeatElement(0, count: Self.reserve))
        bytes.append(contentsOf: text)
        self.init(reserved: bytes, binary: attachments)
    }

    /// Frames binary messages that follow no text.
    init(binary messages: [[UInt8]]) {
        var bytes: [UInt8] = []
        binary = Self.append(messages, to: &bytes)
        text = 0..<0
        start = 0
        storage = bytes
    }

    /// Whether it begins with a text message, which has its packet type at least.
    var hasText: Bool { !text.isEmpty }

    /// How many messages there are.
    var messageCount: Int { binary.count + (hasText ? 1 : 0) }

    /// What a WebSocket writes: the text frame and the binary frames, unmasked.
    var frames: ArraySlice<UInt8> { storage[start...] }

    /// How many bytes `frames` has, which is what an outgoing budget counts.
    var byteCount: Int { storage.count - start }

    private static func append(
        _ attachments: [[UInt8]],
        to bytes: inout [UInt8]
    ) -> [Range<Int>] {
        guard !attachments.isEmpty else { return [] }
        bytes.reserveCapacity(bytes.count + size(of: attachments))
        return attachments.map { attachment in
            FrameWriter.append(.binary, attachment, to: &bytes)
            return bytes.count - attachment.count..<bytes.count
        }
    }

    private static func size(of attachments: [[UInt8]]) -> Int {
        attachments.reduce(0) { $0 + FrameWriter.headerSize(for: $1.count) + $1.count }
    }
}
