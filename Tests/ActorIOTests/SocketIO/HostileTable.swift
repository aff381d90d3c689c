@testable import ActorIO

/// What hostile clients say, by the numbers of the list of hostile inputs.
enum HostileTable {
    static let entries: [Hostile] = attachments + names + payloads + json + numbers + texts

    private static func holder(_ number: String) -> String {
        "{\"_placeholder\":true,\"num\":\(number)}"
    }

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    private static func text(_ text: String) -> Said { .text(text) }

    private static let attachments: [Hostile] =
        Hostile.each(
            109,
            .closes,
            "451000000-[\"note\"]",
            text("45" + repeated("9", 30) + "-[\"note\"]"),
            "4511-[\"note\"]"
        )
        + Hostile.each(110, .closes, "450-[\"note\"]", "460-1[]")
        + [
            .all(
                111,
                .closes,
                text("452-[\"bytes\",\(holder("0")),\(holder("1"))]"),
                .binary([1]),
                "41"
            ),
            .all(111, .closes, .binary([1])),
            .all(111, .closes, isJoined: false, .binary([1])),
            .all(111, .closes, isJoined: false, text("451-[\"bytes\",\(holder("0"))]")),
            .all(
                111,
                .closes,
                text("451-[\"bytes\",\(holder("0"))]"),
                .binary([1]),
                .binary([2])
            ),
        ]
        + ["\"splice\"", "-1", "1.5", "1e300", "99", "null", "true", "[0]"].map {
            .all(112, .closes, text("451-[\"bytes\",\(holder($0))]"), .binary([1]))
        }
        + [
            .all(112, .closes, "451-[\"bytes\",{\"_placeholder\":true}]", .binary([1])),
            .all(
                112,
                .closes,
                text("452-[\"bytes\",\(holder("0")),\(holder("0"))]"),
                .binary([1]),
                .binary([2])
            ),
            .all(
                112,
                .closes,
                text("451-[\"bytes\",\(repeated("[", 200))\(holder("0"))\(repeated("]", 200))]"),
                .binary([1])
            ),
        ]
        + Hostile.each(
            113,
            .closes,
            "455-[]",
            "4551--[]",
            "455 1-[]",
            "45\u{661}-[\"note\"]",
            "451-[\"note\"",
            "451[\"note\"]",
            "45+1-[\"note\"]"
        )

    private static let names: [Hostile] =
        Hostile.each(
            114,
            .closes,
            "42[{\"toString\":\"foo\"}]",
            "42[]",
            "42{}",
            "42\"x\"",
            "42[null]",
            "42[[\"note\"]]",
            "42",
            "42[true]"
        )
        + Hostile.each(115, .closes, "442[\"x\"]", "44{\"message\":\"x\"}", "44/idle,{}")
        + Hostile.each(
            116,
            .closes,
            "42[\"connect\"]",
            "42[\"connect_error\"]",
            "42[\"disconnect\",\"x\"]",
            "42[\"disconnecting\"]",
            "42[\"newListener\"]",
            "42[\"removeListener\"]",
            "42[\"conn\\u0065ct\"]"
        )
        + Hostile.each(116, .ignored, "42[\"error\",\"x\"]")
        + Hostile.each(
            117,
            .ignored,
            "42[\"__proto__\"]",
            "42[\"\"]",
            "42[\"no\\u0000te\",\"x\"]",
            "42[\"not\u{E9}\"]",
            "42[\"note\u{301}\",\"x\"]",
            text("42[\"\(repeated("n", 900_000))\"]")
        )
        + [
            .all(118, .closes, isJoined: false, "42[\"note\",\"x\"]"),
            .all(118, .closes, "40"), .all(118, .closes, isJoined: false, "40", "40"),
            .all(118, .says(["44/nowhere,{\"message\":\"Invalid namespace\"}"]), "40/nowhere,"),
        ]
        + Hostile.each(119, .closes, "42/idle[\"note\",\"x\"]", "40/a\u{0}b,", "40idle")
        + [
            .all(119, .closes, text("40/" + repeated("a", 900_000) + ",")),
            .all(119, .says(["44//,{\"message\":\"Invalid namespace\"}"]), "40//,"),
            .all(119, .says(["44/idle?x=1,{\"message\":\"Invalid namespace\"}"]), "40/idle?x=1,"),
        ]

    private static let payloads: [Hostile] =
        Hostile.each(
            120,
            .closes,
            "40/auth,[]",
            "40/auth,\"x\"",
            "40/auth,null",
            "40/auth,{\"a\":}",
            text("40/auth," + repeated("{\"a\":", 500) + "1" + repeated("}", 500))
        )
        + [
            .all(
                120,
                .says(["40/auth,{\"sid\":\"SID\"}", "42/auth,[\"auth\",{\"a\":2}]"]),
                "40/auth,{\"a\":1,\"a\":2}"
            ),
            .all(
                120,
                .says(["44/idle,{\"message\":\"auth too large\"}"]),
                text("40/idle,{\"a\":\"\(repeated("x", 900_000))\"}")
            ),
        ]
        + Hostile.each(
            121,
            .closes,
            text("42" + repeated("9", 400) + "[\"note\",\"x\"]"),
            "42+1[\"note\",\"x\"]",
            "42-1[\"note\",\"x\"]",
            "4201[\"note\",\"x\"]",
            "4301[]",
            "43[]",
            "43-1[]"
        )
        + Hostile.each(121, .ignored, "4399999[\"x\"]")
        + [
            .all(121, .says(["42ID[\"q\"]"]), "42[\"ask\"]", "430[7]", "430[8]", "430[]"),
            .all(121, .says(["40/idle,{\"sid\":\"SID\"}"]), "40/idle,", "43/idle,0[7]"),
        ]
        + Hostile.each(
            122,
            .closes,
            text("4" + repeated("1", 900_000)),
            text("42" + repeated("1", 900_000)),
            text("45" + repeated("1", 900_000)),
            text("43" + repeated("1", 900_000) + "[]")
        )
        + Hostile.each(
            123,
            .closes,
            "4",
            "47[\"x\"]",
            "48",
            "49[]",
            "4x",
            "4\u{1F642}",
            "4 2[\"note\"]"
        )
        + [
            .all(
                124,
                .ignored,
                "41",
                "42[\"note\",\"x\"]",
                "421[\"note\",\"x\"]",
                "430[1]",
                "41",
                text("451-[\"bytes\",\(holder("0"))]"),
                .binary([1])
            ),
            .all(124, .closes, "41/idle,"), .all(124, .closes, isJoined: false, "41"),
        ]

    private static let json: [Hostile] =
        [64, 400, 512, 513, 100_000].flatMap { depth in
            Hostile.each(
                130,
                .closes,
                text("42[\"note\",\(repeated("[", depth))\(repeated("]", depth))]"),
                text("42[\"note\",\(repeated("{\"a\":", depth))1\(repeated("}", depth))]"),
                text("42[\"note\",\(repeated("[", depth))")
            )
        }
        + Hostile.each(
            134,
            .closes,
            text("42[\"note\",[" + repeated("[],", 300_000) + "[]]]"),
            text("42[\"note\"" + repeated(",\"\"", 300_000) + "]")
        )
        + Hostile.each(
            135,
            .closes,
            "42[\"note\",\"x\",]",
            "42[\"note\",\"x\"]x",
            "42\u{FEFF}[\"note\",\"x\"]",
            "42[\"note\",/**/\"x\"]",
            "42[\"note\",\"x\"]//",
            "42[\"note\",\"x\"][]",
            "42[\"note\",'x']",
            "42[\"note\",{a:1}]"
        )

    private static let numbers: [Hostile] =
        ["1e400", "-1e400", "1E+999", "0123", "1.", ".5", "NaN", "-Infinity", "+1", "0x1", "1e"]
        .flatMap { Hostile.each(131, .closes, text("42[\"raw\",\($0)]")) }
        + Hostile.each(
            131,
            .closes,
            text("42[\"raw\",\(repeated("1", 10_000))]"),
            text("42[\"raw\",0.\(repeated("1", 10_000))]")
        )
        + ["-0", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e-400"]
        .map { .all(131, .says(["42[\"raw\",\($0)]"]), text("42[\"raw\",\($0)]")) }
        + [
            .all(
                131,
                .says(["431[{\"error\":{\"message\":\"invalid payload\"}}]"]),
                "421[\"whole\",9223372036854775808]"
            ),
            .all(131, .says(["431[9223372036854775807]"]), "421[\"whole\",9223372036854775807]"),
            .all(131, .says(["431[0]"]), "421[\"whole\",-0]"),
        ]

    private static let texts: [Hostile] =
        ["\\ud800", "\\udc00\\ud800", "\\u0000", "\\u001e"].flatMap { piece -> [Hostile] in
            [.all(132, .says(["42[\"raw\",\"\(piece)\"]"]), text("42[\"raw\",\"\(piece)\"]"))]
        }
        + Hostile.each(
            132,
            .closes,
            "42[\"note\",\"\u{1}\"]",
            "42[\"note\",\"\n\"]",
            "42[\"note\",\"\\x\"]",
            "42[\"note\",\"\\u12\"]",
            "42[\"note\",\"\\"
        )
        + [
            .all(132, .says(["431[\"\u{FFFD}\u{FFFD}\"]"]), "421[\"echo\",\"\\udc00\\ud800\"]"),
            .all(
                132,
                .says(["431[150000]"]),
                text("421[\"count\",\"\(repeated("\\u0041", 150_000))\"]")
            ),
            .all(
                133,
                .says(["431[{\"a\":3,\"__proto__\":5}]"]),
                "421[\"value\",{\"a\":1,\"__proto__\":4,\"\\u0061\":3,\"__proto__\":5}]"
            ),
            .all(
                136,
                .says(["431[900000]"]),
                text("421[\"count\",\"\(repeated("\u{301}", 450_000))\"]")
            ),
            .all(137, .says(["431[4096]"]), text("421[\"size\",\(colliding)]")),
        ]

    /// Names that an unseeded hash of the schoolbook kind puts into one place.
    private static var colliding: String {
        let names = (0..<4_096).map { number in
            (0..<12).map { number >> $0 & 1 == 0 ? "Aa" : "BB" }.joined()
        }
        return "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    }
}
