/// Takes a chunked body apart (RFC 9112 7.1): sizes, extensions and trailers are read and dropped.
///
/// ```
/// 4;note=x\r\n   size line          "wiki" is appended to the body
/// wiki\r\n       data and its end
/// 0\r\n          last chunk
/// Via: a\r\n     trailers
/// \r\n
/// ```
struct ChunkedParser: Sendable {
    private enum Place {
        case size
        case extensions
        case sizeLF
        case data
        case dataCR
        case dataLF
        case trailerStart
        case trailer
        case trailerLF
        case lastLF
        case done
    }

    // As many as a UInt64 holds, so that no size overflows; leading zeros count, too.
    private static let maxSizeDigits = 16
    // Over the whole body: a byte of extension per byte of data is an attack (CVE-2024-22019).
    private static let maxExtensionBytes = 4_096
    private static let maxTrailerBytes = 4_096

    private let limit: Int
    private var place = Place.size
    private var total = 0
    private var announced: UInt64 = 0
    private var digits = 0
    /// Bytes of the chunk that are still to come.
    private var size = 0
    private var extensionBytes = 0
    private var trailerBytes = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Appends chunk data from `offset` on; true when the last chunk and its trailers are read.
    mutating func parse(
        _ input: Span<UInt8>,
        at offset: inout Int,
        into body: inout [UInt8]
    ) throws(HTTPError) -> Bool {
        while place != .done {
            guard offset < input.count else { return false }
            if place == .data {
                let count = min(size, input.count - offset)
                body.append(from: input, offset..<(offset + count))
                offset += count
                size -= count
                if size == 0 { place = .dataCR }
            } else {
                try step(input[offset])
                offset += 1
            }
        }
        return true
    }

    private mutating func step(_ byte: UInt8) throws(HTTPError) {
        switch place {
        case .size: try stepInSize(byte)
        case .extensions: try stepInExtensions(byte)
        case .sizeLF: try expect(0x0A, byte, then: size == 0 ? .trailerStart : .data)
        case .dataCR: try expect(0x0D, byte, then: .dataLF)
        case .dataLF:
            try expect(0x0A, byte, then: .size)
            digits = 0
        case .trailerStart where byte == 0x0D: place = .lastLF
        case .trailerStart, .trailer: try stepInTrailer(byte)
        case .trailerLF: try expect(0x0A, byte, then: .trailerStart)
        case .lastLF: try expect(0x0A, byte, then: .done)
        case .data, .done: break
        }
    }

    private mutating func stepInSize(_ byte: UInt8) throws(HTTPError) {
        if let digit = ChunkedParser.hexDigit(byte) {
            digits += 1
            guard digits <= ChunkedParser.maxSizeDigits else { throw malformed }
            announced = (digits == 1 ? 0 : announced) << 4 | digit
            return
        }
        guard digits > 0 else { throw malformed }
        guard announced <= UInt64(limit - total) else { throw HTTPError(.contentTooLarge) }
        size = Int(announced)
        total += size
        switch byte {
        case 0x0D: place = .sizeLF
        case 0x3B: place = .extensions
        default: throw malformed
        }
    }

    private mutating func stepInExtensions(_ byte: UInt8) throws(HTTPError) {
        extensionBytes += 1
        guard extensionBytes <= ChunkedParser.maxExtensionBytes else { throw malformed }
        if byte == 0x0D {
            place = .sizeLF
            return
        }
        guard Grammar.isFieldValue(byte) else { throw malformed }
    }

    // Trailers never become headers (RFC 9110 6.5.1): what they say is dropped unread.
    private mutating func stepInTrailer(_ byte: UInt8) throws(HTTPError) {
        trailerBytes += 1
        guard trailerBytes <= ChunkedParser.maxTrailerBytes else {
            throw HTTPError(.headerFieldsTooLarge)
        }
        if byte == 0x0D {
            place = .trailerLF
            return
        }
        let isAllowed = place == .trailerStart ? Grammar.isToken(byte) : Grammar.isFieldValue(byte)
        guard isAllowed else { throw malformed }
        place = .trailer
    }

    private mutating func expect(
        _ wanted: UInt8,
        _ byte: UInt8,
        then next: Place
    ) throws(HTTPError) {
        guard byte == wanted else { throw malformed }
        place = next
    }

    private var malformed: HTTPError { HTTPError(.badRequest, "malformed chunk") }

    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte) - 0x30
        case 0x41...0x46: UInt64(byte) - 0x37
        case 0x61...0x66: UInt64(byte) - 0x57
        default: nil
        }
    }
}
