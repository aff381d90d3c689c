import XCTest

@testable import ActorIO

/// Events between servers, over an adapter that joins servers of this process.
final class ServerSideEmitTests: XCTestCase {
    /// Nodes that hear each other; those that are silent never answer.
    private final class Cluster: Sendable {
        private let nodes = Locked<[(io: SocketIO, isSilent: Bool)]>([])

        func add(_ io: SocketIO, isSilent: Bool = false) {
            nodes.withLock { $0.append((io, isSilent)) }
        }

        func others(than number: Int) -> [(io: SocketIO, isSilent: Bool)] {
            nodes.withLock { nodes in
                nodes.enumerated().filter { $0.offset != number }.map(\.element)
            }
        }
    }

    private struct Link: Adapter {
        let cluster: Cluster
        let number: Int

        func send(_ event: NodeEvent) async throws {
            for node in cluster.others(than: number) { _ = await node.io.core.receive(event) }
        }

        func ask(_ event: NodeEvent, timeout: Duration) async throws -> NodeAnswers {
            var found = NodeAnswers()
            for node in cluster.others(than: number) {
                found.asked += 1
                if !node.isSilent { found.answers.append(await node.io.core.receive(event)) }
            }
            return found
        }
    }

    private static func nodes(_ count: Int, silent: Set<Int> = [], _ notes: Notes) -> [SocketIO] {
        let cluster = Cluster()
        return (0..<count).map { number in
            var options = quiet
            options.adapter = Link(cluster: cluster, number: number)
            let io = SocketIO(options: options) { root in
                root.onServerSide("note") { (namespace, arguments) in
                    notes.add(
                        "\(number) \(namespace.name) \(try arguments.decode(0, as: String.self))"
                    )
                }
                root.onServerSide("double") { (_, arguments) in
                    try arguments.decode(0, as: Int.self) * 2 + number
                }
                root.namespace("/n") { child in
                    child.onServerSide("note") { (namespace, _) in
                        notes.add("\(number) \(namespace.name)")
                    }
                }
            }
            cluster.add(io, isSilent: silent.contains(number))
            return io
        }
    }

    func testAnEventReachesTheSameNamespaceOfAllOtherServersAndNotItsOwn() async throws {
        let notes = Notes()
        let nodes = Self.nodes(3, notes)
        try await nodes[0].serverSideEmit("note", "x")
        try await nodes[2].namespace("/n")?.serverSideEmit("note")
        try await nodes[1].serverSideEmit("nobody listens")
        XCTAssertEqual(notes.all, ["1 / x", "2 / x", "0 /n", "1 /n"])
    }

    func testACallIsAnsweredByAllOtherServers() async throws {
        let nodes = Self.nodes(3, Notes())
        let answers: [Int] = try await nodes[1].serverSideCall("double", 10)
        XCTAssertEqual(answers, [20, 22])
    }

    func testServersThatStaySilentLeaveAnErrorWithTheAnswersThatCame() async throws {
        let nodes = Self.nodes(3, silent: [2], Notes())
        do {
            let answers: [Int] = try await nodes[0].serverSideCall("double", 10)
            XCTFail("\(answers)")
        } catch let error as IncompleteAnswers<Int> {
            XCTAssertEqual(error.replies, [21])
            XCTAssertEqual(error.missing, 1)
        }
    }

    func testAServerThatIsAloneHasNobodyToAsk() async throws {
        let io = SocketIO(options: quiet)
        try await io.serverSideEmit("note", "x")
        let answers: [Int] = try await io.serverSideCall("double", 1)
        XCTAssertEqual(answers, [])
    }

    func testNamesWithAMeaningOfTheirOwnAreRefusedBetweenServersOnly() async throws {
        let io = SocketIO(options: quiet)
        for name in ["connect", "connection", "new_namespace"] {
            do {
                try await io.serverSideEmit(name)
                XCTFail(name)
            } catch let error as ReservedEventName {
                XCTAssertEqual(error.name, name)
            }
        }
        try await io.emit("connection")
        try await io.emit("new_namespace")
    }
}
