extension Log {
    /// One thing that happened, safe to print.
    public struct Entry: Sendable {
        /// How much it matters.
        public let level: Level
        /// What happened, in one line.
        public let message: String
        /// Details by name, in the order of their names.
        public let fields: [(name: String, value: String)]

        init(_ level: Level, _ message: String, _ fields: [String: String]) {
            self.level = level
            self.message = Self.safe(message, limit: 1_024)
            self.fields = fields.sorted { $0.key < $1.key }
                .map { (Self.safe($0.key, limit: 64), Self.safe($0.value, limit: 256)) }
        }

        /// Level, message and `name="value"` pairs in one line.
        public var line: String {
            fields.reduce("\(level) \(message)") { line, field in
                "\(line) \(field.name)=\"\(field.value)\""
            }
        }

        /// Escapes what could end a line or a quotation or steer a terminal, and cuts what is long.
        private static func safe(_ text: String, limit: Int) -> String {
            var out = ""
            for scalar in text.unicodeScalars {
                guard out.utf8.count < limit else { return out + "…" }
                switch scalar {
                case "\n": out += "\\n"
                case "\r": out += "\\r"
                case "\t": out += "\\t"
                case "\"": out += "\\\""
                case "\\": out += "\\\\"
                default:
                    if isHarmless(scalar) {
                        out.unicodeScalars.append(scalar)
                    } else {
                        out += "\\u{\(String(scalar.value, radix: 16))}"
                    }
                }
            }
            return out
        }

        /// Control characters, line separators and marks that turn the direction of text are not.
        private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
    }
}
