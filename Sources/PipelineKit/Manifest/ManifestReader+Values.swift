import Support
import Yams

extension ManifestReader {
  /// A single value; `key` is the key that it belongs to, for messages.
  mutating func scalar(_ node: Node, of key: Located? = nil) -> Scalar? {
    let owner = key.map { " for “\($0.text)”" } ?? ""
    guard case .scalar(let scalar) = node else {
      // `{data}` without quotes is a mapping.
      let setting = node.mapping?.first { $0.value.isNull }?.key.scalar?.string
      report(
        node.position, node.kind + owner, expected: "a single value",
        hint: setting.map { "for a setting write it in quotes: \"{\($0)}\"" })
      return nil
    }
    if node.isNull {
      let start = key.flatMap { source.text(from: $0.position).firstMatch(of: /^[^:]*:\s+([#&!])/) }
      report(
        key?.position ?? node.position, "no value" + owner,
        hint: "give one, or leave the key out"
          + (start.map { "; a value that begins with \($0.1) needs quotes" }
            ?? (scalar.string.isEmpty ? "" : "; the text “\(scalar.string)” needs quotes")))
      return nil
    }
    let tag = scalar.tag.rawValue
    guard ["", "!"].contains(tag) || tag.hasPrefix("tag:yaml.org,2002:") else {
      report(node.position, "a tag “\(tag)”\(owner)", hint: "quote a value that begins with !")
      return nil
    }
    if key != nil { warnOfComment(after: scalar, at: node.position) }
    let boolValue = node.isPlain ? Scalar.boolValue(of: scalar.string) : nil
    return Scalar(Located(text: scalar.string, position: node.position), boolValue: boolValue)
  }

  /// Warns of `text #rest`, of which the rest is a comment to YAML. Comments mostly have a space
  /// after the `#`, and numbers no rest.
  private mutating func warnOfComment(after scalar: Node.Scalar, at position: SourcePosition) {
    let rest = source.text(from: position).trimmingPrefix(scalar.string)
    guard let match = rest.firstMatch(of: /^\s+(#[^\s#]+)/), Double(scalar.string) == nil else {
      return
    }
    warnings.append(
      "\(source.location(of: position)): “\(match.1)” is a comment and no part of the value "
        + "“\(scalar.string)”; quote a value that contains “ #”, or write “# ”")
  }

  mutating func name(_ node: Node, _ what: String, _ key: Located) -> Located? {
    guard let text = scalar(node, of: key)?.located else { return nil }
    let hasOptions = key.text == "run" && text.text.contains(" -")
    return checkName(text, what, hint: hasOptions ? "write its options under with:" : nil)
      ? text : nil
  }

  @discardableResult
  mutating func checkName(_ name: Located, _ what: String, hint: String? = nil) -> Bool {
    if name.text.isName { return true }
    report(
      name.position, "“\(name.text)” cannot name \(what)",
      expected: "letters, digits, - and _, at most 64, beginning with a letter or digit", hint: hint
    )
    return false
  }

  /// Reports a name that differs from that of another stage in case alone.
  mutating func checkFolderName(of name: Located, among stages: [StageEntry]) {
    let other = stages.first { $0.name.text.lowercased() == name.text.lowercased() }
    guard let other else { return }
    report(
      name.position, "“\(name.text)” and “\(other.name.text)” would share a folder on some systems",
      hint: "choose another name")
  }
}
