/// Media types by their name and by the extension of a file.
public enum MediaType {
    /// Plain text in UTF-8.
    public static let text = "text/plain; charset=utf-8"
    /// HTML in UTF-8.
    public static let html = "text/html; charset=utf-8"
    /// JSON, which is always UTF-8.
    public static let json = "application/json"
    /// What an HTML form posts.
    public static let form = "application/x-www-form-urlencoded"
    /// Bytes of no known kind; browsers save them.
    public static let octets = "application/octet-stream"

    private static let byExtension: [String: String] = [
        "html": html, "htm": html, "txt": text, "md": "text/markdown; charset=utf-8",
        "css": "text/css; charset=utf-8", "csv": "text/csv; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
        "json": json, "map": json, "webmanifest": "application/manifest+json",
        "xml": "application/xml", "pdf": "application/pdf", "wasm": "application/wasm",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
        "gif": "image/gif", "webp": "image/webp", "avif": "image/avif",
        "ico": "image/vnd.microsoft.icon", "woff": "font/woff", "woff2": "font/woff2",
        "ttf": "font/ttf", "otf": "font/otf", "mp3": "audio/mpeg", "wav": "audio/wav",
        "mp4": "video/mp4", "webm": "video/webm", "zip": "application/zip",
        "gz": "application/gzip",
    ]

    /// The type of a file by the extension of its name, `octets` when it is not known.
    public static func forFile(_ path: String) -> String {
        let name = path.utf8.split(separator: 0x2F).last ?? path.utf8[...]
        guard let dot = name.lastIndex(of: 0x2E), dot > name.startIndex else { return octets }
        let ending = name[name.index(after: dot)...].map { Grammar.lowercased($0) }
        return byExtension[String(decoding: ending, as: UTF8.self)] ?? octets
    }

    /// The type without its parameters, lower case: `text/html` of `Text/HTML; charset=x`.
    static func essence(_ text: String) -> String {
        let bytes = text.utf8.prefix { $0 != 0x3B }
        let trimmed = Grammar.trimmed(Array(bytes)[...]).map { Grammar.lowercased($0) }
        return String(decoding: trimmed, as: UTF8.self)
    }

    /// Whether the type's `charset` parameter is missing or names UTF-8.
    static func isUTF8(_ text: String) -> Bool {
        Array(text.utf8).split(separator: 0x3B).dropFirst().allSatisfy { part in
            let part = Grammar.trimmed(part).map { Grammar.lowercased($0) }
            guard part.starts(with: "charset".utf8) else { return true }
            return part.elementsEqual("charset=utf-8".utf8)
                || part.elementsEqual("charset=\"utf-8\"".utf8)
        }
    }
}
