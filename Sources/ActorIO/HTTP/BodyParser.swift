/// Takes the bytes of one request's body, however its length is known.
struct BodyParser: Sendable {
    private enum State {
        case length(Int)
        case chunked(ChunkedParser)
    }

    private var state: State

    /// Refuses a body that is announced longer than the limit before a byte of it is read.
    init(_ framing: BodyFraming, limit: Int) throws(HTTPError) {
        switch framing {
        case .none:
            state = .length(0)
        case .length(let length):
            guard length <= limit else { throw HTTPError(.contentTooLarge) }
            state = .length(length)
        case .chunked:
            state = .chunked(ChunkedParser(limit: limit))
        }
    }

    /// Appends body bytes from `offset` on; true when the body is complete.
    mutating func parse(
        _ input: Span<UInt8>,
        at offset: inout Int,
        into body: inout [UInt8]
    ) throws(HTTPError) -> Bool {
        switch state {
        case .length(let left):
            let count = min(left, input.count - offset)
            body.append(from: input, offset..<(offset + count))
            offset += count
            state = .length(left - count)
            return left == count
        case .chunked(var parser):
            let isComplete = try parser.parse(input, at: &offset, into: &body)
            state = .chunked(parser)
            return isComplete
        }
    }
}

extension [UInt8] {
    /// Appends a part of a borrowed input.
    mutating func append(from input: Span<UInt8>, _ range: Range<Int>) {
        // Adding nothing to an empty array would write to the one that all empty arrays share.
        guard !range.isEmpty else { return }
        append(addingCapacity: range.count) { out in
            for index in range { out.append(input[index]) }
        }
    }
}
