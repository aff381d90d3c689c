import ActorIO

/// A server that shows every feature of Socket.IO once, as a walk through its files.
///
/// ```
/// Talk         the typed events and calls
/// Messages     one client and the server: events, calls, binary, volatile
/// Rooms        some clients: join, leave, to, in, except, counting, fetching
/// Questions    calls from the server to one client and to many
/// Partings     the ends of sockets, from either side
/// Namespaces   other namespaces: guarded, by pattern, by predicate, watched
/// Pages        plain HTTP that reaches the sockets
/// ```
func makeTour(_ options: SocketIO.Options = SocketIO.Options()) -> (App, SocketIO) {
    let io = SocketIO(options: options) { root in
        addMessages(&root)
        addRooms(&root)
        addQuestions(&root)
        addPartings(&root)
        addGuarded(&root)
        addTenants(&root)
        addGames(&root)
        addWatched(&root)
    }
    var app = App()
    addPages(&app, io)
    return (app, io)
}
