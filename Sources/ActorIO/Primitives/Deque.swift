/// A ring buffer: first in, first out, both in constant time.
///
/// An empty deque owns no memory, so that one per connection costs nothing while it rests.
struct Deque<Element> {
    private var slots: [Element?] = []
    private var head = 0
    private(set) var count = 0

    init() {}

    mutating func append(_ element: Element) {
        if count == slots.count {
            grow()
        }
        slots[slot(count)] = element
        count += 1
    }

    mutating func prepend(_ element: Element) {
        if count == slots.count {
            grow()
        }
        head = (head - 1) & (slots.count - 1)
        slots[head] = element
        count += 1
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = slot(1)
        count -= 1
        return element
    }

    @discardableResult
    mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        count -= 1
        return slots[slot(count)].take()
    }

    mutating func removeAll(keepingCapacity: Bool = false) {
        guard keepingCapacity else {
            self = Deque()
            return
        }
        while count > 0 {
            popFirst()
        }
    }

    private func slot(_ index: Int) -> Int {
        (head + index) & (slots.count - 1)
    }

    /// The capacity is a power of two, so that the place of an index is one mask away.
    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(Swift.max(4, slots.count * 2))
        for index in 0..<count {
            larger.append(slots[slot(index)].take())
        }
        while larger.count < Swift.max(4, slots.count * 2) {
            larger.append(nil)
        }
        slots = larger
        head = 0
    }
}

extension Deque: RandomAccessCollection, MutableCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(position: Int) -> Element {
        get {
            precondition(position >= 0 && position < count, "deque index out of range")
            guard let element = slots[slot(position)] else {
                preconditionFailure("a filled slot of a deque is empty")
            }
            return element
        }
        set {
            precondition(position >= 0 && position < count, "deque index out of range")
            slots[slot(position)] = newValue
        }
    }
}

extension Deque: Sendable where Element: Sendable {}

extension Deque: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: Element...) {
        for element in elements {
            append(element)
        }
    }
}
