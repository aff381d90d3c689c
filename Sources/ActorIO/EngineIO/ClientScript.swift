/// Our browser client, which lives in the binary: no file has to be found at run time.
enum ClientScript {
    private static let classic = "\"\(tag(PackageResources.client_js))\""
    private static let module = PackageResources.client_js + moduleTrailer
    private static let moduleTag = "\"m\(tag(PackageResources.client_js))\""
    /// The file is a classic script; these bytes make it a module as well.
    ///
    /// Comments are served too, for who looks into the page's sources: they count in its size.
    private static let moduleTrailer = Array(
        """

        export const { connect, Manager, Socket, protocol } = io; export { io, io as default };

        """.utf8
    )

    /// The response for a file name below the path; nil when it is none of the client's.
    ///
    /// The official names with `.min` are understood too, so a page need not be changed.
    static func response(_ name: String) -> Response? {
        switch name {
        case "socket.io.js", "socket.io.min.js": script(PackageResources.client_js, classic)
        case "socket.io.esm.js", "socket.io.esm.min.js": script(module, moduleTag)
        default: nil
        }
    }

    private static func script(_ bytes: [UInt8], _ tag: String) -> Response {
        Response(
            headers: [
                "Content-Type": "application/javascript; charset=utf-8",
                "Cache-Control": "public, max-age=0", "ETag": tag,
            ],
            body: bytes
        )
    }

    private static func tag(_ bytes: [UInt8]) -> String {
        String(
            decoding: Base64.encode(SHA256.hash(bytes), .url, padding: false).prefix(16),
            as: UTF8.self
        )
    }
}
