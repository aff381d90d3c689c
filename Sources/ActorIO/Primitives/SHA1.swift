/// SHA-1 (RFC 3174), for the WebSocket handshake only: it protects nothing.
struct SHA1: Sendable {
    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var state = State()
        let padded = MessagePadding.pad(bytes)
        unsafe padded.withUnsafeBufferPointer { input in
            unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
                guard let words = schedule.baseAddress, let bytes = input.baseAddress else {
                    return
                }
                var offset = 0
                while offset < input.count {
                    unsafe MessagePadding.load(bytes + offset, into: words)
                    unsafe state.compress(words)
                    offset += 64
                }
            }
        }
        var out: [UInt8] = []
        out.reserveCapacity(20)
        MessagePadding.append(state.a, to: &out)
        MessagePadding.append(state.b, to: &out)
        MessagePadding.append(state.c, to: &out)
        MessagePadding.append(state.d, to: &out)
        MessagePadding.append(state.e, to: &out)
        return out
    }

    private struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        /// RFC 3174 6.1; the first sixteen of the eighty words hold the block.
        mutating func compress(_ w: UnsafeMutablePointer<UInt32>) {
            var t = 16
            while t < 80 {
                unsafe w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], by: 1)
                t += 1
            }
            var (a, b, c, d, e) = (self.a, self.b, self.c, self.d, self.e)
            t = 0
            func round(_ f: UInt32, _ k: UInt32) {
                let next = unsafe rotate(a, by: 5) &+ f &+ e &+ w[t] &+ k
                (e, d, c, b, a) = (d, c, rotate(b, by: 30), a, next)
                t += 1
            }
            while t < 20 { round(b & c | ~b & d, 0x5A82_7999) }
            while t < 40 { round(b ^ c ^ d, 0x6ED9_EBA1) }
            while t < 60 { round(b & c | b & d | c & d, 0x8F1B_BCDC) }
            while t < 80 { round(b ^ c ^ d, 0xCA62_C1D6) }
            self.a &+= a
            self.b &+= b
            self.c &+= c
            self.d &+= d
            self.e &+= e
        }

        private func rotate(_ word: UInt32, by count: UInt32) -> UInt32 {
            word &<< count | word &>> (32 &- count)
        }
    }
}
