extension Response {
    /// A file, with type, ETag and modification time; 404 when there is no such file.
    ///
    /// The path is the program's own, never a client's: for those there is
    /// ``App/files(at:from:maxAge:)``. Conditional and range requests are answered by the app.
    public static func file(_ path: String, type: String? = nil) -> Response {
        guard let file = RegularFile.open(path) else {
            return .text("Not Found", status: .notFound)
        }
        let headers: Headers = [
            "Content-Type": type ?? MediaType.forFile(path),
            "ETag": "W/\"\(String(file.size, radix: 16))-\(String(file.modified, radix: 16))\"",
            "Last-Modified": HTTPDate(Int64(file.modified)).text,
            "Accept-Ranges": "bytes",
        ]
        return Response(.ok, headers, .file(FileSlice(file: file, range: 0..<file.size)))
    }
}

extension App {
    /// Serves the files of a directory under a path; `index.html` stands for a path that ends in
    /// "/".
    ///
    /// Nothing outside the directory can be named, and names that start with a dot are hidden.
    public mutating func files(
        at path: String,
        from directory: String,
        maxAge: Duration? = nil
    ) {
        let base = path.utf8.last == 0x2F ? path : path + "/"
        get(base + "*") { request in
            let rest: String = try request.parameter("*")
            guard let name = StaticPath.name(rest) else { throw HTTPError(.notFound) }
            var response = Response.file("\(directory)/\(name)")
            guard response.status == .ok else { throw HTTPError(.notFound) }
            response.headers["X-Content-Type-Options"] = "nosniff"
            if let maxAge {
                response.headers["Cache-Control"] = "public, max-age=\(maxAge.components.seconds)"
            }
            return response
        }
    }
}

/// Which names a client may ask for.
enum StaticPath {
    /// The path below the directory; nil for anything that is empty, hidden, or leads elsewhere.
    static func name(_ rest: String) -> String? {
        let segments = rest.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            if segment.isEmpty, index == segments.count - 1 { return rest + "index.html" }
            // A leading dot hides ".git", and with it ".." and ".".
            guard let first = segment.first, first != 0x2E, !segment.contains(0x5C) else {
                return nil
            }
        }
        return rest
    }
}
