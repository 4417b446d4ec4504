import StageKit
import Testing

struct FingerprintTests {
  private func fingerprint(
    version: Int = 1, libraries: [(String, String?)] = [], options: [(String, String?)] = [],
    inputs: [(String, String?)] = []
  ) -> Fingerprint {
    func entries(_ pairs: [(String, String?)]) -> [FingerprintEntry] {
      pairs.map { FingerprintEntry($0.0, $0.1) }
    }
    return Fingerprint(
      stage: "train", version: version, libraries: entries(libraries), options: entries(options),
      inputs: entries(inputs))
  }

  private func optionChanges(
    _ old: [(String, String?)], _ new: [(String, String?)]
  ) -> [String] {
    fingerprint(options: new).changes(since: fingerprint(options: old))
  }

  private func inputChanges(_ old: [(String, String?)], _ new: [(String, String?)]) -> [String] {
    fingerprint(inputs: new).changes(since: fingerprint(inputs: old))
  }

  @Test func `equal fingerprints have no changes`() {
    let one = fingerprint(options: [("a", "1"), ("b", nil)], inputs: [("x", "d")])
    #expect(one.changes(since: one) == [])
  }

  @Test func `a changed, a new and a removed option are reported with their values`() {
    #expect(
      optionChanges([("rate", "0.001")], [("rate", "0.0005")]) == ["option rate 0.001 -> 0.0005"])
    #expect(optionChanges([], [("rate", "1")]) == ["option rate (none) -> 1"])
    #expect(optionChanges([("rate", "1")], []) == ["option rate 1 -> (none)"])
    #expect(optionChanges([("name", "")], [("name", "x")]) == ["option name “” -> x"])
    #expect(optionChanges([("l", "a"), ("l", "b")], [("l", "a")]) == ["option l a b -> a"])
  }

  @Test func `an option that is not given differs from every value`() {
    #expect(optionChanges([("seed", nil)], [("seed", "1")]) == ["option seed (default) -> 1"])
    #expect(optionChanges([("name", nil)], [("name", "(default)")]).count == 1)
    #expect(optionChanges([("name", nil)], [("name", "")]).count == 1)
  }

  @Test func `a new version of the stage or of a library is reported`() {
    #expect(
      fingerprint(version: 2).changes(since: fingerprint()) == ["stage version 1 -> 2"])
    #expect(
      fingerprint(libraries: [("zip", "1.1")]).changes(
        since: fingerprint(libraries: [("zip", "1.0")])) == ["library zip 1.0 -> 1.1"])
  }

  @Test func `inputs are reported without their digests`() {
    #expect(inputChanges([("x", "d")], [("x", "e")]) == ["input x has other content"])
    #expect(inputChanges([], [("x", "e")]) == ["input x is new"])
    #expect(inputChanges([("x", "d")], []) == ["input x is no longer given"])
    #expect(
      inputChanges([("x", "d"), ("x", "e")], [("x", "e"), ("x", "d")])
        == ["input x: in another order"])
    #expect(inputChanges([("x", "d")], [("x", "d"), ("x", "e")]) == ["input x: 1 -> 2 of them"])
    let old = fingerprint(options: [("a", "1")], inputs: [("x", "d")])
    let new = fingerprint(options: [("a", "2")], inputs: [("x", "e")])
    #expect(new.changes(since: old, ignoringInputs: true) == ["option a 1 -> 2"])
  }

  @Test func `changes come in the order of the list, removals last`() {
    #expect(
      optionChanges([("c", "1"), ("b", "1"), ("a", "1")], [("a", "2"), ("b", "2")])
        == ["option a 1 -> 2", "option b 1 -> 2", "option c 1 -> (none)"])
  }

  @Test func `the digest depends on every part`() throws {
    let all = [
      fingerprint(), fingerprint(version: 2), fingerprint(libraries: [("a", "b")]),
      fingerprint(options: [("a", "b")]), fingerprint(inputs: [("a", "b")]),
      fingerprint(options: [("a", nil)]), fingerprint(options: [("a", "")]),
      fingerprint(options: [("a", "b"), ("a", "c")]), fingerprint(options: [("a", "b c")]),
    ]
    #expect(Set(try all.map { try $0.digest() }).count == all.count)
  }
}
