/// What browsers let pages of other sites do here.
///
/// ```swift
/// app.use(.cors(CORS(origins: .list(["https://shop.example"]))))
/// ```
/// CORS lets a browser *read* answers; it does not protect a WebSocket, and it is no access
/// control: a GET of a foreign origin is still served.
public struct CORS: Sendable {
    /// Whose pages may read.
    public enum Origins: Sendable {
        /// Everybody's: `*`.
        case any
        /// One site's; its name is sent whoever asks.
        case only(String)
        /// Those of a list; the asking one is named.
        case list([String])
    }

    /// Whose pages may read.
    public var origins: Origins
    /// The methods that a preflight is told.
    public var methods: [Method] = [.get, .head, .put, .patch, .post, .delete]
    /// The request headers that a preflight is told; nil for those it asks for.
    public var allowedHeaders: [String]?
    /// The response headers that pages may read beside the harmless ones.
    public var exposedHeaders: [String] = []
    /// Whether requests may carry cookies; browsers ignore it together with `*`.
    public var allowsCredentials = false
    /// How long a browser may remember a preflight.
    public var maxAge: Duration?

    /// Makes rules for the pages of these origins.
    public init(origins: Origins = .any) {
        self.origins = origins
    }

    /// Adds what every response carries.
    func addHeaders(to headers: inout Headers, for request: Request) {
        switch origins {
        case .any:
            headers["Access-Control-Allow-Origin"] = "*"
        case .only(let origin):
            headers["Access-Control-Allow-Origin"] = origin
            CORS.vary(&headers, "Origin")
        case .list(let list):
            CORS.vary(&headers, "Origin")
            if let origin = request.headers["origin"],
                list.contains(where: { $0.utf8.elementsEqual(origin.utf8) })
            {
                headers["Access-Control-Allow-Origin"] = origin
            }
        }
        if allowsCredentials { headers["Access-Control-Allow-Credentials"] = "true" }
        if !exposedHeaders.isEmpty {
            headers["Access-Control-Expose-Headers"] = exposedHeaders.joined(separator: ",")
        }
    }

    /// The answer to OPTIONS.
    func preflight(_ request: Request) -> Response {
        var response = Response(.noContent)
        addHeaders(to: &response.headers, for: request)
        response.headers["Access-Control-Allow-Methods"] =
            methods.map(\.name).joined(separator: ",")
        if let allowedHeaders {
            response.headers["Access-Control-Allow-Headers"] =
                allowedHeaders.joined(separator: ",")
        } else {
            CORS.vary(&response.headers, "Access-Control-Request-Headers")
            response.headers["Access-Control-Allow-Headers"] =
                request.headers["access-control-request-headers"]
        }
        if let maxAge {
            response.headers["Access-Control-Max-Age"] = "\(maxAge.components.seconds)"
        }
        return response
    }

    var trustedOrigins: [String] {
        switch origins {
        case .any: []
        case .only(let origin): [origin]
        case .list(let list): list
        }
    }

    private static func vary(_ headers: inout Headers, _ name: String) {
        guard !headers.lists(name, in: "vary") else { return }
        let names = headers.values("vary") + [name]
        headers["Vary"] = names.joined(separator: ", ")
    }
}

extension Middleware {
    /// Answers preflights and adds the CORS headers to every response after it.
    ///
    /// Origins that are named may use unsafe methods, too; `*` opens nothing but reading.
    public static func cors(_ rules: CORS = CORS()) -> Middleware {
        Middleware(trustedOrigins: rules.trustedOrigins, coversClient: true) { request, next in
            guard request.method != .options else { return rules.preflight(request) }
            var response = try await next(request)
            rules.addHeaders(to: &response.headers, for: request)
            return response
        }
    }
}
