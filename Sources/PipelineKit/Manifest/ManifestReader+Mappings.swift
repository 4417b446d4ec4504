import Support
import Yams

extension ManifestReader {
  /// A key of a mapping and its value.
  struct Member {
    let key: Located
    let value: Node
    /// Whether it comes from YAML's merge key.
    var isInherited = false
  }

  /// The members of a mapping, after those inherited through YAML's merge key `<<` that it does not
  /// replace; of several merged mappings the first that has a key gives its value. With `keys`,
  /// other keys are reported and left out.
  mutating func members(
    of node: Node, _ what: String, keys: [String]? = nil, hint: String? = nil
  ) -> [Member]? {
    guard case .mapping(let mapping) = node else {
      report(
        node.position, "\(node.kind) for \(what)", expected: "a mapping of keys to values",
        hint: node.scalar?.string.contains(where: ":：".contains) == true
          ? "write : and a space after each key"
          : hint ?? (node.isNull ? "fill it in, or leave the key out" : nil))
      return nil
    }
    var (own, inherited): ([Member], [Member]) = ([], [])
    var seen: Set<String> = []
    for (key, value) in mapping {
      guard let name = scalar(key)?.located else { continue }
      if name.text == "<<" {
        inherited += merged(value)
      } else if !seen.insert(name.text).inserted {
        report(name.position, "duplicate key “\(name.text)” in \(what)", hint: "keep one")
      } else {
        own.append(Member(key: name, value: value))
      }
    }
    // Yams knows no style of a mapping that it has read.
    if source.text(from: node.position).hasPrefix("{") {
      removeBrokenValues(from: &own, keys: keys ?? [])
    }
    let all = inherited.filter { seen.insert($0.key.text).inserted } + own
    guard let keys else { return all }
    return all.filter { member in
      if keys.contains(member.key.text) { return true }
      report(
        member.key.position, "unknown key “\(member.key.text)” in \(what)",
        expected: "one of \(keys.listed)",
        hint: nearest(to: member.key.text, in: keys).map { "did you mean “\($0)”?" }
          ?? (member.isInherited ? "it comes from a merge key <<" : nil))
      return false
    }
  }

  /// The members of the mapping, or of the list of mappings, under a merge key.
  private mutating func merged(_ node: Node) -> [Member] {
    if case .sequence(let sequence) = node { return sequence.flatMap { merged($0) } }
    guard mergeCount < Self.maxMergeCount, mergeDepth < Self.maxMergeDepth else {
      if !hasTooManyMerges { report(node.position, "too many merged keys", hint: "merge fewer") }
      hasTooManyMerges = true
      return []
    }
    mergeDepth += 1
    defer { mergeDepth -= 1 }
    let members = members(of: node, "“<<”", hint: "name a mapping that has an anchor: <<: *name")
    mergeCount += 1 + (members?.count ?? 0)
    return (members ?? []).map { Member(key: $0.key, value: $0.value, isInherited: true) }
  }

  /// Reports and removes keys without a value that are the rest of the value before them, which a
  /// comma has ended, as in `{ labels: bad=0,good=1 }`.
  private mutating func removeBrokenValues(from members: inout [Member], keys: [String]) {
    for index in members.indices.reversed() {
      guard let value = members[index].value.scalar?.string, !value.isEmpty else { continue }
      let rest = members[(index + 1)...].prefix {
        $0.value.scalar?.string == "" && $0.value.isNull && !keys.contains($0.key.text)
      }
      guard let first = rest.first?.key else { continue }
      let name = members[index].key.text
      let whole = "\(name): \"\(([value] + rest.map(\.key.text)).joined(separator: ","))\""
      if rest.allSatisfy({ $0.key.text.isName && $0.key.text.first?.isLetter == true }) {
        report(
          first.position, "no value for “\(first.text)”",
          hint: "give it one, or, if it belongs to the value before the comma, quote that: \(whole)"
        )
      } else {
        report(
          first.position, "a comma ends the value of “\(name)”",
          hint: "quote a value with commas: \(whole); numbers have none, such as 0.25 and 8000")
      }
      members.removeSubrange(rest.indices)
    }
  }
}
