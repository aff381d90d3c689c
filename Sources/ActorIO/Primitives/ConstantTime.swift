/// Whether two byte strings are equal, in a time that does not tell where they differ.
///
/// The length is not secret: signatures and digests have one length each.
func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in 0..<a.count {
        difference |= a[index] ^ b[index]
    }
    return difference == 0
}
