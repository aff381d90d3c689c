/// SHA-256 (FIPS 180-4), incremental.
struct SHA256: Sendable {
    private(set) var state = State()
    private var pending: [UInt8] = []
    private var total = 0

    init() {}

    /// Continues from a state that has already taken `total` bytes, a whole number of blocks.
    init(_ state: State, after total: Int) {
        self.state = state
        self.total = total
    }

    mutating func update(_ bytes: [UInt8]) {
        total += bytes.count
        if pending.isEmpty, bytes.count.isMultiple(of: 64) {
            state.compress(blocks: bytes)
            return
        }
        pending.append(contentsOf: bytes)
        guard pending.count >= 64 else { return }
        let rest = pending.count % 64
        state.compress(blocks: pending)
        pending.removeFirst(pending.count - rest)
    }

    mutating func finish() -> [UInt8] {
        state.compress(blocks: MessagePadding.pad(pending, total: total))
        pending = []
        return state.bytes
    }

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var state = State()
        state.compress(blocks: MessagePadding.pad(bytes))
        return state.bytes
    }
}

extension SHA256 {
    /// The eight words between two blocks.
    struct State: Sendable {
        var a: UInt32 = 0x6A09_E667
        var b: UInt32 = 0xBB67_AE85
        var c: UInt32 = 0x3C6E_F372
        var d: UInt32 = 0xA54F_F53A
        var e: UInt32 = 0x510E_527F
        var f: UInt32 = 0x9B05_688C
        var g: UInt32 = 0x1F83_D9AB
        var h: UInt32 = 0x5BE0_CD19

        var bytes: [UInt8] {
            var out: [UInt8] = []
            out.reserveCapacity(32)
            for word in [a, b, c, d, e, f, g, h] {
                MessagePadding.append(word, to: &out)
            }
            return out
        }

        /// Takes every whole block of the bytes; what is left over is ignored.
        mutating func compress(blocks bytes: [UInt8]) {
            unsafe SHA256.withSchedule { w, k in
                unsafe bytes.withUnsafeBufferPointer { input in
                    guard let start = input.baseAddress else { return }
                    var offset = 0
                    while offset + 64 <= input.count {
                        unsafe MessagePadding.load(start + offset, into: w)
                        unsafe compress(w, k)
                        offset += 64
                    }
                }
            }
        }

        /// FIPS 180-4 6.2.2; the first sixteen of the sixty-four words hold the block and stay.
        ///
        /// Bare pointers and `&` operators: a debug build then runs plain machine words as well.
        mutating func compress(_ w: UnsafeMutablePointer<UInt32>, _ k: UnsafePointer<UInt32>) {
            var i = 16
            while i < 64 {
                let x = unsafe w[i &- 15]
                let y = unsafe w[i &- 2]
                let s0 = (x &>> 7 | x &<< 25) ^ (x &>> 18 | x &<< 14) ^ (x &>> 3)
                let s1 = (y &>> 17 | y &<< 15) ^ (y &>> 19 | y &<< 13) ^ (y &>> 10)
                unsafe w[i] = w[i &- 16] &+ s0 &+ w[i &- 7] &+ s1
                i = i &+ 1
            }
            var (a, b, c, d) = (self.a, self.b, self.c, self.d)
            var (e, f, g, h) = (self.e, self.f, self.g, self.h)
            i = 0
            while i < 64 {
                let s1 = (e &>> 6 | e &<< 26) ^ (e &>> 11 | e &<< 21) ^ (e &>> 25 | e &<< 7)
                let choice = (e & f) ^ (~e & g)
                let t1 = unsafe h &+ s1 &+ choice &+ k[i] &+ w[i]
                let s0 = (a &>> 2 | a &<< 30) ^ (a &>> 13 | a &<< 19) ^ (a &>> 22 | a &<< 10)
                let majority = (a & b) ^ (a & c) ^ (b & c)
                h = g
                g = f
                f = e
                e = d &+ t1
                d = c
                c = b
                b = a
                a = t1 &+ s0 &+ majority
                i = i &+ 1
            }
            add(a, b, c, d)
            self.e = self.e &+ e
            self.f = self.f &+ f
            self.g = self.g &+ g
            self.h = self.h &+ h
        }

        private mutating func add(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
            self.a = self.a &+ a
            self.b = self.b &+ b
            self.c = self.c &+ c
            self.d = self.d &+ d
        }
    }

    /// Lends room for one message schedule, and the round constants, for any number of blocks.
    static func withSchedule(
        _ body: (UnsafeMutablePointer<UInt32>, UnsafePointer<UInt32>) -> Void
    ) {
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            unsafe roundConstants.withUnsafeBufferPointer { constants in
                guard let w = schedule.baseAddress, let k = constants.baseAddress else { return }
                unsafe body(w, k)
            }
        }
    }

    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
        0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
