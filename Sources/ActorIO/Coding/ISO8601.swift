/// Points in time as JavaScript's `toISOString` writes them, in milliseconds since 1970.
enum ISO8601 {
    private static let millisecondsPerDay: Int64 = 86_400_000

    /// `2026-08-01T09:30:00.250Z`; years outside 0…9999 have a sign and six digits.
    static func text(milliseconds: Int64) -> [UInt8]? {
        // ECMA-262 21.4.1.1: a time value lies within 8.64e15 of 1970.
        guard -8_640_000_000_000_000...8_640_000_000_000_000 ~= milliseconds else { return nil }
        let day = floorQuotient(milliseconds, millisecondsPerDay)
        let time = milliseconds - day * millisecondsPerDay
        let (year, month, date) = civil(day)
        var text: [UInt8] = []
        text.reserveCapacity(27)
        if !(0...9_999 ~= year) { text.append(UInt8(ascii: year < 0 ? "-" : "+")) }
        append(abs(year), digits: 0...9_999 ~= year ? 4 : 6, to: &text)
        append(month, digits: 2, after: "-", to: &text)
        append(date, digits: 2, after: "-", to: &text)
        append(time / 3_600_000, digits: 2, after: "T", to: &text)
        append(time / 60_000 % 60, digits: 2, after: ":", to: &text)
        append(time / 1_000 % 60, digits: 2, after: ":", to: &text)
        append(time % 1_000, digits: 3, after: ".", to: &text)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// Reads what `text` writes, any number of second digits, and `±hh:mm` in place of `Z`.
    static func milliseconds(_ text: [UInt8]) -> Int64? {
        var reader = Reader(text: text[...])
        guard let year = reader.year(), reader.skip("-"), let month = reader.number(2, 1...12),
            reader.skip("-"), let date = reader.number(2, 1...31), reader.skip("T"),
            date <= days(in: month, of: year),
            let hour = reader.number(2, 0...23), reader.skip(":"),
            let minute = reader.number(2, 0...59), reader.skip(":"),
            let second = reader.number(2, 0...59), let fraction = reader.fraction(),
            let offset = reader.offset(), reader.text.isEmpty
        else { return nil }
        let time = ((hour * 60 + minute - offset) * 60 + second) * 1_000 + fraction
        return days(year, month, date) * millisecondsPerDay + time
    }

    private static func append(
        _ value: Int64,
        digits: Int,
        after mark: Unicode.Scalar? = nil,
        to text: inout [UInt8]
    ) {
        if let mark { text.append(UInt8(ascii: mark)) }
        var power: Int64 = 1
        for _ in 1..<digits { power *= 10 }
        while power > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / power % 10))
            power /= 10
        }
    }

    private static func floorQuotient(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Year, month and day of a day since 1970, in eras of 400 years that begin with March.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorQuotient(shifted, 146_097)
        let inEra = shifted - era * 146_097
        let yearOfEra = (inEra - inEra / 1_460 + inEra / 36_524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * inYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, inYear - (153 * fromMarch + 2) / 5 + 1)
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floorQuotient(year, 400)
        let yearOfEra = year - era * 400
        let fromMarch = month > 2 ? month - 3 : month + 9
        let inYear = (153 * fromMarch + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + inYear - 719_468
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Takes the fields of a date from the front of a text.
    private struct Reader {
        var text: ArraySlice<UInt8>

        mutating func skip(_ mark: Unicode.Scalar) -> Bool {
            guard text.first == UInt8(ascii: mark) else { return false }
            text.removeFirst()
            return true
        }

        mutating func number(_ digits: Int, _ allowed: ClosedRange<Int64>) -> Int64? {
            guard text.count >= digits else { return nil }
            var value: Int64 = 0
            for byte in text.prefix(digits) {
                let digit = byte &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                value = value * 10 + Int64(digit)
            }
            text.removeFirst(digits)
            return allowed ~= value ? value : nil
        }

        mutating func year() -> Int64? {
            if skip("+") { return number(6, 0...275_760) }
            if skip("-") { return number(6, 1...271_821).map { -$0 } }
            return number(4, 0...9_999)
        }

        /// Milliseconds; what is finer is dropped.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            let digits = text.prefix { $0 &- UInt8(ascii: "0") <= 9 }
            guard 1...9 ~= digits.count else { return nil }
            text.removeFirst(digits.count)
            var value: Int64 = 0
            for place in 0..<3 {
                let digit = place < digits.count ? digits[digits.startIndex + place] : 0x30
                value = value * 10 + Int64(digit &- 0x30)
            }
            return value
        }

        /// Minutes ahead of UTC.
        mutating func offset() -> Int64? {
            if skip("Z") { return 0 }
            let isAhead = skip("+")
            guard isAhead || skip("-"), let hours = number(2, 0...23), skip(":"),
                let minutes = number(2, 0...59)
            else { return nil }
            return (hours * 60 + minutes) * (isAhead ? 1 : -1)
        }
    }
}
