extension Response {
    /// Sends the client to a place that it named itself, when that is on this site.
    ///
    /// ```swift
    /// return .redirect(toLocal: request.query["next"], otherwise: "/")
    /// ```
    /// Whatever leads elsewhere in some browser (`//evil`, `/\evil`, a scheme, a line break) gives
    /// `otherwise`.
    public static func redirect(
        toLocal target: String?,
        otherwise: String,
        status: Status = .found
    ) -> Response {
        guard let target, Location.isLocal(target) else {
            return .redirect(to: otherwise, status: status)
        }
        return .redirect(to: target, status: status)
    }
}
