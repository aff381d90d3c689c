/// Names one deadline in a ``TimerHeap``; using it after the deadline fired does nothing.
package struct TimerID: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

/// Deadlines in order: a binary heap whose entries can be withdrawn in logarithmic time.
///
/// Entries of one deadline leave in the order they were scheduled, so that runs on virtual time
/// repeat.
struct TimerHeap<Target> {
    private struct Entry {
        var deadline: LoopTime
        var order: UInt64
        var slot: UInt32
    }
    fileprivate struct Slot {
        var position: Int32
        var generation: UInt32
        var target: Target?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var order: UInt64 = 0

    var count: Int { heap.count }
    var nextDeadline: LoopTime? { heap.first?.deadline }

    mutating func schedule(at deadline: LoopTime, _ target: Target) -> TimerID {
        let slot = takeSlot(target)
        order += 1
        heap.append(Entry(deadline: deadline, order: order, slot: slot))
        siftUp(heap.count - 1)
        return TimerID(slot: slot, generation: slots[Int(slot)].generation)
    }

    @discardableResult
    mutating func cancel(_ id: TimerID) -> Bool {
        guard Int(id.slot) < slots.count else { return false }
        let slot = slots[Int(id.slot)]
        guard slot.generation == id.generation, slot.position >= 0 else { return false }
        remove(at: Int(slot.position))
        return true
    }

    /// The earliest target whose deadline is not after `now`.
    mutating func popDue(_ now: LoopTime) -> Target? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let target = slots[Int(first.slot)].target
        remove(at: 0)
        return target
    }

    private mutating func takeSlot(_ target: Target) -> UInt32 {
        if let slot = free.popLast() {
            slots[Int(slot)].target = target
            return slot
        }
        slots.append(Slot(position: -1, generation: 0, target: target))
        return UInt32(slots.count - 1)
    }

    private mutating func remove(at index: Int) {
        let slot = heap[index].slot
        let last = heap.removeLast()
        if index < heap.count {
            heap[index] = last
            slots[Int(last.slot)].position = Int32(index)
            siftDown(index)
            siftUp(index)
        }
        slots[Int(slot)].target = nil
        slots[Int(slot)].position = -1
        slots[Int(slot)].generation &+= 1
        free.append(slot)
        if heap.isEmpty { release() }
    }

    /// A quiet loop gives the memory of a busy one back; generations must survive, so slots stay.
    private mutating func release() {
        if heap.capacity > 1024 { heap = [] }
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        left.deadline != right.deadline
            ? left.deadline < right.deadline : left.order < right.order
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        let entry = heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard precedes(entry, heap[parent]) else { break }
            place(heap[parent], at: index)
            index = parent
        }
        place(entry, at: index)
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        let entry = heap[index]
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
            guard precedes(heap[child], entry) else { break }
            place(heap[child], at: index)
            index = child
        }
        place(entry, at: index)
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        heap[index] = entry
        slots[Int(entry.slot)].position = Int32(index)
    }
}

extension TimerHeap: Sendable where Target: Sendable {}
extension TimerHeap.Slot: Sendable where Target: Sendable {}
