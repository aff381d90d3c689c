/// The answers of the engine to what went wrong.
extension EngineHandler {
    /// A refusal is a real HTTP answer, before any 101.
    func refusal(_ error: any Error, _ request: Request) -> Response {
        // Nobody is there any more to be refused.
        if error is CancellationError, Task.isCancelled {
            return Response(EngineError.badRequest(""))
        }
        guard let refused = error as? HTTPError else {
            let known = error as? EngineError ?? failure(error)
            tell(known, known.status, request)
            return Response(known)
        }
        let known = Self.known(refused)
        var response = Response(known)
        response.status = refused.status
        for (name, value) in refused.headers { response.headers.add(name, value) }
        tell(known, refused.status, request)
        return response
    }

    private func failure(_ error: any Error) -> EngineError {
        shared.log.error("the handshake chain failed", ["error": "\(error)"])
        return .badRequest("MIDDLEWARE_FAILURE", ["error": "\(error)"])
    }

    /// The text of a refusal is told; a request that is no good is not forbidden, though.
    private static func known(_ error: HTTPError) -> EngineError {
        var known = EngineError.forbidden(error.text)
        known.name = error.code
        switch error.status {
        case .badRequest, .methodNotAllowed, .upgradeRequired: known.code = .badRequest
        default: break
        }
        return known
    }

    private func tell(_ error: EngineError, _ status: Status, _ request: Request) {
        shared.log.debug(
            "refused a request",
            ["code": "\(error.code.rawValue)", "context": error.context]
        )
        guard let told = shared.options.onRefusal else { return }
        told(EngineRefusal(error, status, request.cleaned()))
    }
}

extension Request {
    /// The request without what only its handshake needs.
    func cleaned() -> Request {
        var request = self
        request[HandshakeEntry.self] = nil
        request[Admission.self] = nil
        return request.kept()
    }
}
