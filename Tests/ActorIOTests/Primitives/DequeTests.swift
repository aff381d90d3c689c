import XCTest

@testable import ActorIO

final class DequeTests: XCTestCase {
    func testElementsLeaveInTheOrderTheyCame() {
        var deque = Deque<Int>()
        var expected: [Int] = []
        var left: [Int] = []
        for round in 0..<50 {
            for step in 0...round % 7 {
                deque.append(round * 10 + step)
                expected.append(round * 10 + step)
            }
            for _ in 0..<round % 5 {
                if let element = deque.popFirst() {
                    left.append(element)
                }
            }
        }
        XCTAssertEqual(left + Array(deque), expected)
        XCTAssertEqual(deque.count, expected.count - left.count)
    }

    func testAnEmptyDequeGivesNothing() {
        var deque = Deque<String>()
        XCTAssertNil(deque.popFirst())
        XCTAssertNil(deque.popLast())
        XCTAssertNil(deque.first)
        XCTAssertTrue(deque.isEmpty)
    }

    func testBothEndsWork() {
        var deque: Deque = [2, 3]
        deque.prepend(1)
        deque.append(4)
        XCTAssertEqual(Array(deque), [1, 2, 3, 4])
        XCTAssertEqual(deque.popLast(), 4)
        XCTAssertEqual(deque.popFirst(), 1)
        XCTAssertEqual(deque.first, 2)
        deque[1] = 30
        XCTAssertEqual(Array(deque), [2, 30])
        deque.removeAll()
        XCTAssertEqual(deque.count, 0)
    }

    func testLetsGoOfWhatWasTakenOut() {
        final class Thing {}
        var deque = Deque<Thing>()
        weak var thing: Thing?
        do {
            let new = Thing()
            thing = new
            deque.append(new)
        }
        XCTAssertNotNil(thing)
        deque.popFirst()
        XCTAssertNil(thing)
    }
}
