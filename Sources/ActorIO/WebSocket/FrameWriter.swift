/// Turns payloads into frames, always in the shortest form and never fragmented.
///
/// A server's frames are not masked; `mask` is for the client side of tests.
enum FrameWriter {
    /// How many bytes stand before an unmasked payload: 2, 4 or 10.
    static func headerSize(for payload: Int) -> Int {
        switch payload {
        case ..<126: 2
        case ...0xFFFF: 4
        default: 10
        }
    }

    /// Appends one frame.
    static func append(
        _ opcode: Opcode,
        _ payload: [UInt8],
        to out: inout [UInt8],
        mask: UInt32? = nil
    ) {
        append(opcode, payload[...], to: &out, mask: mask)
    }

    /// Appends one frame; `isFinal` is false for a fragment that others will follow.
    static func append(
        _ opcode: Opcode,
        _ payload: ArraySlice<UInt8>,
        to out: inout [UInt8],
        mask: UInt32? = nil,
        isFinal: Bool = true
    ) {
        appendHeader(opcode, length: payload.count, isMasked: mask != nil, isFinal, to: &out)
        guard let mask else { return out.append(contentsOf: payload) }
        for shift in stride(from: 0, to: 32, by: 8) {
            out.append(UInt8(truncatingIfNeeded: mask >> UInt32(shift)))
        }
        Mask.append(payload.span, key: mask, to: &out)
    }

    /// A frame of its own.
    static func frame(_ opcode: Opcode, _ payload: [UInt8], mask: UInt32? = nil) -> [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(headerSize(for: payload.count) + 4 + payload.count)
        append(opcode, payload, to: &out, mask: mask)
        return out
    }

    /// A close frame; a code that may not be sent is left out, and its reason with it.
    static func close(
        _ code: CloseCode?,
        reason: String = "",
        mask: UInt32? = nil
    ) -> [UInt8] {
        guard let code, code.mayBeSent else { return frame(.close, [], mask: mask) }
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        payload.append(contentsOf: cut(reason, to: FrameHeader.maxControlLength - 2))
        return frame(.close, payload, mask: mask)
    }

    /// Puts the header of a final, unmasked frame directly in front of `payload`.
    ///
    /// The caller left at least ten bytes free there. Returns where the header begins.
    static func putHeader(_ opcode: Opcode, for payload: Range<Int>, in bytes: inout [UInt8]) -> Int
    {
        let start = payload.lowerBound - headerSize(for: payload.count)
        bytes[start] = FrameHeader.finalBit | opcode.rawValue
        bytes[start + 1] = lengthByte(payload.count)
        var rest = payload.count
        for index in stride(from: payload.lowerBound - 1, to: start + 1, by: -1) {
            bytes[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
        return start
    }

    private static func appendHeader(
        _ opcode: Opcode,
        length: Int,
        isMasked: Bool,
        _ isFinal: Bool,
        to out: inout [UInt8]
    ) {
        out.append((isFinal ? FrameHeader.finalBit : 0) | opcode.rawValue)
        out.append((isMasked ? FrameHeader.maskBit : 0) | lengthByte(length))
        for index in stride(from: headerSize(for: length) - 3, through: 0, by: -1) {
            out.append(UInt8(truncatingIfNeeded: length >> (8 * index)))
        }
    }

    /// The seven bits that are the length, or say where it is.
    private static func lengthByte(_ length: Int) -> UInt8 {
        switch headerSize(for: length) {
        case 2: UInt8(truncatingIfNeeded: length)
        case 4: 126
        default: 127
        }
    }

    /// The longest beginning that fits and does not end inside a character.
    private static func cut(_ text: String, to limit: Int) -> String.UTF8View.SubSequence {
        let bytes = text.utf8
        guard bytes.count > limit else { return bytes[...] }
        var end = bytes.index(bytes.startIndex, offsetBy: limit)
        while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 {
            end = bytes.index(before: end)
        }
        return bytes[..<end]
    }
}
