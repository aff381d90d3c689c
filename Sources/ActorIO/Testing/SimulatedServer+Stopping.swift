internal import ActorIO

extension SimulatedServer {
    /// Stops the server while its clients go on, as a signal does: nobody else is let in, sockets
    /// are told, and what is still open after ``Server/Options/shutdownTimeout`` is cut.
    ///
    /// Returns when it has stopped. It does not start again; its stores live on.
    public func stop() async { await server.stop() }
}
