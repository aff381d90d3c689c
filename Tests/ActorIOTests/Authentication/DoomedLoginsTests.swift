import Testing

@testable import ActorIO

@Suite struct DoomedLoginsTests {
    @Test func `what a store could not forget outlasts any number of ends that it could`() {
        var dooms = DoomedLogins()
        _ = dooms.insert("x")
        _ = dooms.insert("7", keeping: nil)
        for number in 0..<(3 * DoomedLogins.limit) {
            dooms.remove(series: "s\(number)", dooms.insert("s\(number)"))
            dooms.remove(user: "u\(number)", dooms.insert("u\(number)", keeping: nil))
        }
        #expect(dooms.contains("x"))
        #expect(dooms.contains("any", of: "7"))
    }

    @Test func `the oldest are let go when there are too many`() {
        var dooms = DoomedLogins()
        for number in 0...DoomedLogins.limit { _ = dooms.insert("s\(number)") }
        #expect(!dooms.contains("s0"))
        #expect(dooms.contains("s1"))
    }

    @Test func `an end takes back its own doom, not that of a later one`() {
        var dooms = DoomedLogins()
        let first = dooms.insert("7", keeping: nil)
        let second = dooms.insert("7", keeping: nil)
        dooms.remove(user: "7", first)
        #expect(dooms.contains("any", of: "7"))
        dooms.remove(user: "7", second)
        #expect(!dooms.contains("any", of: "7"))
        let old = dooms.insert("x")
        let new = dooms.insert("x")
        dooms.remove(series: "x", old)
        #expect(dooms.contains("x"))
        dooms.remove(series: "x", new)
        #expect(!dooms.contains("x"))
    }
}
