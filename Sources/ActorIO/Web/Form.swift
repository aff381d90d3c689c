/// The fields of a posted form; of a name that comes twice the first counts.
///
/// ```swift
/// let form = try await request.form()
/// let name = form["username"]
/// ```
/// Flat: `user[name]` is a name like any other, so no body can nest its way into a deep structure.
public struct Form: Sendable {
    private let fields: [(name: String, value: String)]

    /// Throws 400 for a bad escape, a NUL, bytes that are no UTF-8, or more fields than allowed.
    init(_ body: [UInt8], maxFields: Int) throws(HTTPError) {
        var fields: [(name: String, value: String)] = []
        for pair in Pairs(body[...]) {
            guard fields.count < maxFields else { throw HTTPError(.badRequest, "too many fields") }
            guard let name = Pairs.text(pair.name), let value = Pairs.text(pair.value) else {
                throw HTTPError(.badRequest, "malformed form")
            }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The first value under the name.
    public subscript(_ name: String) -> String? {
        fields.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// Every value under the name, in their order.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }

    /// The names of all fields, in their order.
    public var names: [String] { fields.map(\.name) }
}

extension Request {
    /// The posted form; 415 for anything but an unpacked urlencoded one in UTF-8, 413 beyond
    /// `limit`.
    public func form(upTo limit: Int = 100_000, maxFields: Int = 1_000) async throws -> Form {
        try requireContent { $0 == MediaType.form }
        return try Form(await body.collect(upTo: limit), maxFields: maxFields)
    }

    /// Throws 415 unless the body is of such a type, in UTF-8, and not packed.
    func requireContent(_ isExpected: (_ essence: String) -> Bool) throws(HTTPError) {
        let types = headers.values("content-type")
        guard types.count == 1, isExpected(MediaType.essence(types[0])),
            MediaType.isUTF8(types[0]), !headers.contains("content-encoding")
        else { throw HTTPError(.unsupportedMediaType) }
    }
}
