import Testing

@testable import ActorIO

struct ISO8601Tests {
    // What `new Date(ms).toISOString()` gives.
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
        (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
        (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
    ])
    func writesAndReadsAsJavaScriptDoes(_ milliseconds: Int64, _ text: String) {
        let written = ISO8601.text(milliseconds: milliseconds).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(written == text)
        #expect(ISO8601.milliseconds(Array(text.utf8)) == milliseconds)
    }

    @Test func refusesTimesJavaScriptDoesNotHave() {
        #expect(ISO8601.text(milliseconds: 8_640_000_000_000_001) == nil)
        #expect(ISO8601.text(milliseconds: .min) == nil)
        #expect(ISO8601.text(milliseconds: .max) == nil)
    }

    @Test(arguments: [
        ("2024-02-29T12:34:56Z", Int64(1_709_210_096_000)),
        ("2024-02-29T12:34:56.7Z", 1_709_210_096_700),
        ("2024-02-29T12:34:56.789999Z", 1_709_210_096_789),
        ("2024-02-29T14:34:56+02:00", 1_709_210_096_000),
        ("2024-02-29T07:04:56-05:30", 1_709_210_096_000),
    ])
    func readsWhatOthersWrite(_ text: String, _ milliseconds: Int64) {
        #expect(ISO8601.milliseconds(Array(text.utf8)) == milliseconds)
    }

    @Test(arguments: [
        "", "2024", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00+0200", "-000000-01-01T00:00:00Z",
        "+1-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "２０２４-01-01T00:00:00Z",
        "2024-01-01T00:00:00.0123456789Z",
    ])
    func refusesTheRest(_ text: String) {
        #expect(ISO8601.milliseconds(Array(text.utf8)) == nil)
    }
}
