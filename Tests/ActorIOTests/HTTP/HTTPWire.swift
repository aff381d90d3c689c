import XCTest

@testable import ActorIO

/// What a peer's bytes become: the requests that were complete, and how it ended.
struct WireOutcome: Equatable, CustomStringConvertible {
    struct Exchange: Equatable {
        var line: String
        var headers: Headers
        var body: String
    }

    var exchanges: [Exchange] = []
    var error: Status?
    /// Whether bytes of an unfinished request were taken.
    var isUnfinished = false

    var description: String {
        "\(exchanges.map { "\($0.line) [\($0.body)]" }) \(error?.code ?? 0) \(isUnfinished)"
    }
}

/// Feeds wire text to the parsers as a connection does, in every way a network may cut it.
enum HTTPWire {
    /// The outcome, after making sure that it is the same in one write, byte by byte, and split
    /// at every position.
    static func outcome(
        _ wire: String,
        limits: HTTPLimits = HTTPLimits(),
        file: StaticString = #filePath,
        line: UInt = #line
    ) -> WireOutcome {
        outcome(Array(wire.utf8), limits: limits, file: file, line: line)
    }

    static func outcome(
        _ bytes: [UInt8],
        limits: HTTPLimits = HTTPLimits(),
        file: StaticString = #filePath,
        line: UInt = #line
    ) -> WireOutcome {
        let whole = run([bytes], limits)
        XCTAssertEqual(
            run(bytes.map { [$0] }, limits),
            whole,
            "byte by byte",
            file: file,
            line: line
        )
        // Very long inputs are cut at a dozen places.
        let step = bytes.count < 2_000 ? 1 : bytes.count / 12
        for cut in stride(from: 1, to: bytes.count, by: step) {
            let parts = [Array(bytes[..<cut]), Array(bytes[cut...])]
            XCTAssertEqual(run(parts, limits), whole, "cut at \(cut)", file: file, line: line)
        }
        return whole
    }

    /// The requests that were complete in these reads.
    static func exchanges(_ reads: [[UInt8]]) -> [WireOutcome.Exchange] {
        run(reads, HTTPLimits()).exchanges
    }

    /// A request with these lines before the empty one, `Host` included.
    static func get(_ lines: String...) -> String {
        (["GET / HTTP/1.1", "Host: a"] + lines + ["", ""]).joined(separator: "\r\n")
    }

    static func post(_ lines: String..., body: String) -> String {
        (["POST / HTTP/1.1", "Host: a"] + lines + ["", ""]).joined(separator: "\r\n") + body
    }

    private static func run(_ parts: [[UInt8]], _ limits: HTTPLimits) -> WireOutcome {
        var reader = Reader(limits)
        for part in parts {
            do throws(HTTPError) {
                try reader.read(part.span)
            } catch {
                reader.outcome.error = error.status
                return reader.outcome
            }
        }
        reader.outcome.isUnfinished = reader.isUnfinished
        return reader.outcome
    }

    private struct Reader {
        var outcome = WireOutcome()
        let limits: HTTPLimits
        var parser: RequestParser
        var head: RequestHead?
        var bodyParser: BodyParser?
        var body: [UInt8] = []

        init(_ limits: HTTPLimits) {
            self.limits = limits
            parser = RequestParser(limits: limits)
        }

        var isUnfinished: Bool { parser.isMidHead || head != nil }

        mutating func read(_ input: Span<UInt8>) throws(HTTPError) {
            var offset = 0
            while true {
                if head == nil {
                    guard let next = try parser.parse(input, at: &offset) else { return }
                    head = next
                    bodyParser = try BodyParser(next.framing, limit: limits.maxBody)
                }
                guard let head, var parser = bodyParser else { return }
                let isComplete = try parser.parse(input, at: &offset, into: &body)
                bodyParser = parser
                guard isComplete else { return }
                outcome.exchanges.append(
                    .init(
                        line: "\(head.method) \(head.target) 1.\(head.minorVersion)",
                        headers: head.headers,
                        body: String(decoding: body, as: UTF8.self)
                    )
                )
                self.head = nil
                body = []
            }
        }
    }
}

func assertRefused(
    _ wire: String,
    _ status: Status = .badRequest,
    limits: HTTPLimits = HTTPLimits(),
    file: StaticString = #filePath,
    line: UInt = #line
) {
    assertRefused(Array(wire.utf8), status, limits: limits, file: file, line: line)
}

func assertRefused(
    _ wire: [UInt8],
    _ status: Status = .badRequest,
    limits: HTTPLimits = HTTPLimits(),
    file: StaticString = #filePath,
    line: UInt = #line
) {
    let outcome = HTTPWire.outcome(wire, limits: limits, file: file, line: line)
    XCTAssertEqual(outcome.error, status, "\(outcome)", file: file, line: line)
    XCTAssertEqual(outcome.exchanges, [], file: file, line: line)
}

extension Request {
    /// A request as a handler gets it, without a connection.
    static func sample(
        _ method: Method = .get,
        _ target: String = "/",
        headers: Headers = [:],
        body: [UInt8] = [],
        isSecure: Bool = false
    ) -> Request {
        var all: Headers = headers.contains("host") ? [:] : ["Host": "a.example"]
        for (name, value) in headers { all.add(name, value) }
        let head = RequestHead(method: method, target: target, minorVersion: 1, headers: all)
        return Request(
            head: head,
            remoteAddress: "192.0.2.1",
            isSecure: isSecure,
            body: RequestBody(body.isEmpty ? .empty : .bytes(body))
        )
    }
}

/// The head that an application's response has on the wire.
func wireHead(_ response: Response) -> String {
    var out: [UInt8] = []
    ResponseWriter.appendHead(
        response.status,
        response.headers,
        contentLength: response.body.count,
        keepAlive: true,
        to: &out
    )
    return String(decoding: out, as: UTF8.self)
}
