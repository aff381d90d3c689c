/// MessagePack as tests write it: bytes in hexadecimal, and short strings in quotes.
///
/// `"92 'a' 01"` is an array of the string `a` and the number 1. A word such as `00*8` is a byte
/// several times over.
func packed(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for (place, part) in text.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
        if place % 2 == 1 {
            bytes.append(0xA0 | UInt8(part.utf8.count))
            bytes += Array(part.utf8)
            continue
        }
        for word in part.split(separator: " ") {
            let pieces = word.split(separator: "*")
            let byte = UInt8(pieces[0], radix: 16) ?? 0xC1
            let count = pieces.count > 1 ? Int(pieces[1]) ?? 0 : 1
            bytes += [UInt8](repeating: byte, count: count)
        }
    }
    return bytes
}
