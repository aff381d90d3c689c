/// A moment as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 5.6.7).
struct HTTPDate: Sendable, Equatable {
    /// Seconds since 1970.
    let seconds: Int64

    init(_ seconds: Int64) {
        self.seconds = seconds
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    // The last second of the year 9999: the form has four digits.
    private static let last: Int64 = 253_402_300_799

    /// The date in its wire form; moments before 1970 and after 9999 are moved to those ends.
    var text: String {
        let moment = min(max(seconds, 0), HTTPDate.last)
        let day = moment / 86_400
        let time = Int(moment % 86_400)
        let date = HTTPDate.civil(day)
        var out: [UInt8] = []
        out.reserveCapacity(29)
        out += HTTPDate.days[Int(day % 7)].utf8
        out += ", ".utf8
        HTTPDate.append(date.day, digits: 2, to: &out)
        out += " \(HTTPDate.months[date.month - 1]) ".utf8
        HTTPDate.append(date.year, digits: 4, to: &out)
        out.append(0x20)
        HTTPDate.append(time / 3_600, digits: 2, to: &out)
        out.append(0x3A)
        HTTPDate.append(time / 60 % 60, digits: 2, to: &out)
        out.append(0x3A)
        HTTPDate.append(time % 60, digits: 2, to: &out)
        out += " GMT".utf8
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads the one form that is sent today; the two obsolete ones count as unreadable.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, bytes[3...4].elementsEqual(", ".utf8),
            bytes[25...].elementsEqual(" GMT".utf8),
            [7, 11, 16].allSatisfy({ bytes[$0] == 0x20 }), bytes[19] == 0x3A, bytes[22] == 0x3A,
            let month = HTTPDate.months.firstIndex(where: { bytes[8...10].elementsEqual($0.utf8) }),
            let day = Grammar.decimal(bytes[5...6]), let year = Grammar.decimal(bytes[12...15]),
            let hour = Grammar.decimal(bytes[17...18]), hour < 24,
            let minute = Grammar.decimal(bytes[20...21]), minute < 60,
            let second = Grammar.decimal(bytes[23...24]), second <= 60, year >= 1970
        else { return nil }
        let days = HTTPDate.days(year: year, month: month + 1, day: day)
        guard HTTPDate.civil(days) == (year, month + 1, day) else { return nil }
        seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    private static func append(_ value: Int, digits: Int, to out: inout [UInt8]) {
        var unit = digits == 4 ? 1_000 : 10
        while unit > 0 {
            out.append(0x30 + UInt8(value / unit % 10))
            unit /= 10
        }
    }

    // Both ways count years from March, so that the leap day is the last of its year.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let leaps = shifted / 4 - shifted / 100 + shifted / 400
        return Int64(shifted * 365 + leaps + dayOfYear) - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (
            year + era * 400 + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
