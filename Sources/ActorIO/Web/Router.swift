/// Finds the handler of a path: a tree of segments, in which the order of registration is no
/// riddle.
///
/// At each segment text beats `:name`, and `:name` beats `*`; of two routes that match, the one
/// that answers the method is taken.
struct Router: Sendable {
    struct Route: Sendable {
        let pattern: RoutePattern
        /// What covers the route; the handler has passed it already.
        let middleware: [Middleware]
        let handler: Handler
    }

    enum Match {
        case found(Route, parameters: [(name: String, value: String)])
        /// The path exists, for these methods; with the middleware of its best covered route.
        case otherMethods([Method], middleware: [Middleware])
        case nothing
    }

    /// The tree, the root first; places name each other by their index.
    private var nodes = [Node()]

    /// Stops the program when the same method and path are registered twice.
    mutating func add(_ method: Method, _ route: Route) {
        let pattern = route.pattern
        let place = pattern.segments.reduce(0) { place, segment in child(of: place, segment) }
        precondition(nodes[place].routes[method] == nil, "\(method) \(pattern) is there already")
        nodes[place].routes[method] = route
    }

    /// HEAD finds the route of GET unless it has its own.
    func match(_ method: Method, _ path: String) throws(HTTPError) -> Match {
        guard let segments = PathSegments.decode(path) else {
            throw HTTPError(.badRequest, "malformed path")
        }
        guard !segments.contains(where: PathSegments.isDots) else { return .nothing }
        var ends: [Int] = []
        collect(segments[...], from: 0, into: &ends)
        for end in ends {
            let routes = nodes[end].routes
            guard let own = routes[method] ?? (method == .head ? routes[.get] : nil) else {
                continue
            }
            return .found(own, parameters: Router.parameters(own.pattern, segments))
        }
        return others(ends)
    }

    private func others(_ ends: [Int]) -> Match {
        let routes = ends.flatMap { nodes[$0].routes.sorted { $0.key.name < $1.key.name } }
        guard let covered = routes.map(\.value.middleware).max(by: { $0.count < $1.count }) else {
            return .nothing
        }
        return .otherMethods(Router.allowed(Set(routes.map(\.key))), middleware: covered)
    }

    /// The place after a segment, made when it is not there.
    private mutating func child(of place: Int, _ segment: RoutePattern.Segment) -> Int {
        let next = nodes.count
        switch segment {
        case .text(let text):
            if let there = nodes[place].texts[text] { return there }
            nodes[place].texts[text] = next
        case .name:
            if let there = nodes[place].named { return there }
            nodes[place].named = next
        case .rest:
            if let there = nodes[place].rest { return there }
            nodes[place].rest = next
        }
        nodes.append(Node())
        return next
    }

    /// The places that a path leads to, the most particular first.
    private func collect(_ path: ArraySlice<[UInt8]>, from place: Int, into ends: inout [Int]) {
        guard let first = path.first else {
            ends.append(place)
            return
        }
        if let next = nodes[place].texts[first] {
            collect(path.dropFirst(), from: next, into: &ends)
        }
        if !first.isEmpty, let next = nodes[place].named {
            collect(path.dropFirst(), from: next, into: &ends)
        }
        // A star takes no empty segment but the last: `/a//b` is no file of `/a/*`.
        if let rest = nodes[place].rest, !path.dropLast().contains([]),
            !path.contains(where: { $0.contains(0x2F) })
        {
            ends.append(rest)
        }
    }

    private static func parameters(
        _ pattern: RoutePattern,
        _ segments: [[UInt8]]
    ) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        for (index, segment) in pattern.segments.enumerated() {
            switch segment {
            case .text: continue
            case .name(let name):
                found.append((name, String(decoding: segments[index], as: UTF8.self)))
            case .rest:
                let rest = segments[index...].joined(separator: [0x2F])
                found.append(("*", String(decoding: Array(rest), as: UTF8.self)))
            }
        }
        return found
    }

    private static func allowed(_ methods: Set<Method>) -> [Method] {
        var all = methods.union([.options])
        if methods.contains(.get) { all.insert(.head) }
        return all.sorted { $0.name < $1.name }
    }
}

/// A place in the tree of routes: what the segments up to here lead to.
private struct Node: Sendable {
    var routes: [Method: Router.Route] = [:]
    var texts: [[UInt8]: Int] = [:]
    var named: Int?
    var rest: Int?
}
