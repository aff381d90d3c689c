/// The objects that stand in a packet's JSON where binary values were.
///
/// `{"_placeholder":true,"num":0}` is the first attachment (socket.io-protocol, binary events).
enum Placeholders {
    static let name = "_placeholder"

    /// What an object is in a text that travels with attachments.
    enum Reading {
        case ordinary
        case attachment(Int)
        /// A placeholder whose number is missing, no integer or out of range.
        case illegal
    }

    /// The JSON of the placeholder with that number.
    static func append(_ number: Int, to json: inout [UInt8]) {
        json.append(#"{"_placeholder":true,"num":"#)
        json.append(decimal: number)
        json.append(UInt8(ascii: "}"))
    }

    static func read(
        _ node: Int,
        of index: JSONIndex,
        in bytes: [UInt8],
        attachments: Int
    ) -> Reading {
        guard index.nodes[node].kind == .object,
            let mark = index.member(name, of: node, in: bytes), index.nodes[mark].kind == .yes
        else { return .ordinary }
        guard let value = index.member("num", of: node, in: bytes),
            index.nodes[value].kind == .integer,
            let number: Int = JSONNumber.integer(bytes.span, index.nodes[value].range),
            number >= 0, number < attachments
        else { return .illegal }
        return .attachment(number)
    }

    /// Whether every placeholder of a text names one of so many attachments, each at most once.
    static func areLegal(_ json: [UInt8], _ range: Range<Int>, attachments: Int) -> Bool {
        let limits = JSONLimits(depth: JSONScanner.deepest, elements: .max)
        guard let index = try? JSONIndex(json, range, limits: limits) else { return false }
        var isTaken = [Bool](repeating: false, count: attachments)
        for node in index.nodes.indices {
            switch read(node, of: index, in: json, attachments: attachments) {
            case .ordinary:
                continue
            case .attachment(let number):
                guard !isTaken[number] else { return false }
                isTaken[number] = true
            case .illegal:
                return false
            }
        }
        return true
    }
}
