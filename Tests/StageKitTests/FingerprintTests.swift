import StageKit
import Testing

struct FingerprintTests {
  private func changes(_ old: [(String, String)], _ new: [(String, String)]) -> [String] {
    let (before, now) = (old.map { Setting($0.0, $0.1) }, new.map { Setting($0.0, $0.1) })
    return Fingerprint(entries: now).changes(since: Fingerprint(entries: before))
  }

  @Test func `equal fingerprints have no changes`() {
    #expect(
      changes([("option a", "1"), ("input x", "d")], [("option a", "1"), ("input x", "d")]) == [])
  }

  @Test func `a changed, a new and a removed option are told with their values`() {
    #expect(
      changes([("option rate", "0.001")], [("option rate", "0.0005")]) == [
        "option rate 0.001 -> 0.0005"
      ])
    #expect(changes([], [("option rate", "1")]) == ["option rate (none) -> 1"])
    #expect(changes([("option rate", "1")], []) == ["option rate 1 -> (none)"])
    #expect(changes([("option name", "")], [("option name", "x")]) == ["option name “” -> x"])
    #expect(
      changes([("option l", "a"), ("option l", "b")], [("option l", "a")]) == ["option l a b -> a"])
  }

  @Test func `a new version of the stage or of a library is told`() {
    #expect(changes([("stage version", "1")], [("stage version", "2")]) == ["stage version 1 -> 2"])
    #expect(
      changes([("library zip", "1.0")], [("library zip", "1.1")]) == ["library zip 1.0 -> 1.1"])
  }

  @Test func `inputs are told without their digests`() {
    #expect(changes([("input x", "d")], [("input x", "e")]) == ["input x has other content"])
    #expect(changes([], [("input x", "e")]) == ["input x is new"])
    #expect(changes([("input x", "d")], []) == ["input x is no longer given"])
    #expect(
      changes([("input x", "d"), ("input x", "e")], [("input x", "e"), ("input x", "d")])
        == ["input x: in another order"])
    #expect(
      changes([("input x", "d")], [("input x", "d"), ("input x", "e")]) == [
        "input x: 1 -> 2 of them"
      ])
  }

  @Test func `changes come in the order of the list, removals last`() {
    #expect(
      changes(
        [("option c", "1"), ("option b", "1"), ("option a", "1")],
        [("option a", "2"), ("option b", "2")])
        == ["option a 1 -> 2", "option b 1 -> 2", "option c 1 -> (none)"])
  }
}
