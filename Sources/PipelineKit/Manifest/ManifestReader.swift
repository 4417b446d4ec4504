import Foundation
import Support
import Yams

extension Manifest {
  /// The size of the largest manifest that is read, in bytes.
  static let maxSize = 1 << 20

  /// Reads a manifest. Mistakes in it are kept for the plan, which reports all of them at once.
  /// - Throws: ``UserError`` if the file cannot be read, ``Diagnostics`` if it is not YAML or does
  ///   not have the form of a manifest.
  public init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      let isFolder = isDirectory(path) == true
      throw UserError(
        .noInput, at: path, problem: isFolder ? "a folder, no manifest" : "no readable manifest",
        hint: Self.similarFile(to: path).map { "did you mean “\($0)”?" }
          ?? "name one, such as: pipeline run pipelines/quickstart.yaml")
    }
    try self.init(bytes: data, path: path)
  }

  /// The file in the same folder whose name is most similar.
  private static func similarFile(to path: String) -> String? {
    let folder = path.parentPath
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
    let manifests = (names ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    let name = path.lastPathName
    return nearest(to: name, in: manifests.sorted()).map { String(path.dropLast(name.count)) + $0 }
  }

  /// Reads a manifest from bytes; `path` is its name in messages.
  /// - Throws: like ``init(path:)``.
  public init(bytes: Data, path: String) throws {
    let source = try SourceText(bytes: bytes, path: path)
    var reader = ManifestReader(source: source)
    guard var manifest = reader.manifest(try source.parsed()), !manifest.stages.isEmpty
    else { throw Diagnostics(errors: reader.errors.sortedByPosition) }
    (manifest.errors, manifest.warnings) = (reader.errors, reader.warnings)
    self = manifest
  }
}

/// Converts YAML nodes to a manifest and collects every mistake on the way.
struct ManifestReader {
  /// The limits on merge keys, which multiply when they are nested.
  private static let maxMergeCount = 10_000, maxMergeDepth = 100

  let source: SourceText
  private(set) var errors: [UserError] = []
  private(set) var warnings: [String] = []
  private var mergeCount = 0
  private var mergeDepth = 0
  private var hasTooManyMerges = false

  init(source: SourceText) { self.source = source }

  private mutating func report(
    _ position: SourcePosition, _ problem: String, expected: String? = nil, hint: String? = nil
  ) {
    errors.append(source.error(at: position, problem, expected: expected, hint: hint))
  }

  mutating func manifest(_ node: Node) -> Manifest? {
    let keys = ["name", "settings", "stages"]
    guard let members = members(of: node, "a manifest", keys: keys) else { return nil }
    var manifest = Manifest(name: "", settings: [], stages: [], source: source)
    let form = "write NAME: { run: … } for each stage"
    for member in members {
      let (key, value) = (member.key, member.value)
      switch key.text {
      case "name": manifest.name = name(value, "the manifest", key)?.text ?? ""
      case "settings":
        for setting in self.members(of: value, "“settings”") ?? [] {
          if let text = scalar(setting.value, of: setting.key)?.text {
            manifest.settings.append((setting.key, text))
          }
        }
      default:
        for stage in self.members(of: value, "“stages”", hint: form) ?? [] {
          checkFolderName(of: stage.key, among: manifest.stages)
          if let stage = self.stage(stage.key, stage.value) { manifest.stages.append(stage) }
        }
      }
    }
    for key in ["name", "stages"] where !members.contains(where: { $0.key.text == key }) {
      report(node.position, "no “\(key)”", hint: "a manifest has the keys \(keys.listed)")
    }
    if manifest.stages.isEmpty, errors.isEmpty { report(node.position, "no stages", hint: form) }
    return manifest
  }

  private mutating func stage(_ name: Located, _ node: Node) -> StageEntry? {
    let errorCount = errors.count
    checkName(name, "a stage")
    let keys = ["run", "inputs", "with", "matrix", "each", "resources"]
    guard
      let members = members(
        of: node, "the stage “\(name.text)”", keys: keys, hint: "write \(name.text): { run: … }")
    else { return nil }
    var stage = StageEntry(name: name)
    for member in members {
      let (key, value) = (member.key, member.value)
      switch key.text {
      case "run": stage.executable = self.name(value, "an executable", key)
      case "inputs": stage.inputs = assignments(member)
      case "with": stage.options = assignments(member)
      case "matrix": stage.matrix = assignments(member)
      case "resources":
        let keys = Resources.Key.allCases.map(\.rawValue)
        stage.resources = (self.members(of: value, "“resources”", keys: keys) ?? [])
          .compactMap { member in scalar(member.value, of: member.key).map { (member.key, $0) } }
      default: stage.each = scalar(value, of: key)?.located
      }
    }
    if !members.contains(where: { $0.key.text == "run" }) {
      report(
        name.position, "the stage “\(name.text)” has no “run”",
        hint: "name its executable: run: …")
    }
    stage.removeReplaced()
    stage.hasErrors = errors.count > errorCount
    return stage
  }

  private mutating func assignments(_ group: Member) -> [Assignment] {
    let form = "write NAME: VALUE for each option, or leave the key out"
    return (members(of: group.value, "“\(group.key.text)”", hint: form) ?? []).compactMap {
      member in
      let flag = member.key
      let isInherited = group.isInherited || member.isInherited
      guard flag.text.isName else {
        let isSpaceMissing = flag.text.contains(":")
        report(
          flag.position, "“\(flag.text)” is not the name of a flag",
          hint: isSpaceMissing ? "write a space after the colon" : "write it without the dashes")
        return nil
      }
      guard case .sequence(let sequence) = member.value else {
        let pairs = group.key.text == "with" ? self.pairs(member.value) : nil
        return (pairs ?? scalar(member.value, of: flag)).map {
          Assignment(flag: flag, values: [$0], isList: false, isInherited: isInherited)
        }
      }
      if sequence.isEmpty { report(member.value.position, "an empty list") }
      let values = sequence.compactMap { scalar($0, of: flag) }
      return values.isEmpty
        ? nil : Assignment(flag: flag, values: values, isList: true, isInherited: isInherited)
    }
  }

  /// A mapping as one value: pairs such as `1=negative,2=negative`, with quotes where a name needs them.
  /// Nil for any other node, and for `{data}`, which lacks quotes.
  private func pairs(_ node: Node) -> Scalar? {
    guard case .mapping(let mapping) = node, !mapping.isEmpty,
      mapping.allSatisfy({ $0.key.scalar != nil && $0.value.scalar != nil && !$0.value.isNull })
    else { return nil }
    func quoted(_ node: Node) -> String {
      let name = node.scalar?.string ?? ""
      guard name.contains(where: { ",=\"".contains($0) }) else { return name }
      return "\"\(name.replacing("\"", with: "\"\""))\""
    }
    let text = mapping.map { "\(quoted($0.key))=\(quoted($0.value))" }.joined(separator: ",")
    return Scalar(Located(text: text, position: node.position), boolValue: nil)
  }

  // MARK: Mappings

  /// A key of a mapping and its value.
  private struct Member {
    let key: Located
    let value: Node
    /// Whether it comes from YAML's merge key.
    var isInherited = false
  }

  /// The members of a mapping, after those inherited through YAML's merge key `<<` that it does not
  /// replace; of several merged mappings the first that has a key gives its value. With `keys`,
  /// other keys are reported and left out.
  private mutating func members(
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

  // MARK: Values

  /// A single value; `key` is the key that it belongs to, for messages.
  private mutating func scalar(_ node: Node, of key: Located? = nil) -> Scalar? {
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
    let boolValue = node.isPlain ? ["true": true, "false": false][scalar.string] : nil
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

  private mutating func name(_ node: Node, _ what: String, _ key: Located) -> Located? {
    guard let text = scalar(node, of: key)?.located else { return nil }
    let hasOptions = key.text == "run" && text.text.contains(" -")
    return checkName(text, what, hint: hasOptions ? "write its options under with:" : nil)
      ? text : nil
  }

  @discardableResult
  private mutating func checkName(_ name: Located, _ what: String, hint: String? = nil) -> Bool {
    if name.text.isName { return true }
    report(
      name.position, "“\(name.text)” cannot name \(what)",
      expected: "letters, digits, - and _, at most 64, beginning with a letter or digit", hint: hint
    )
    return false
  }

  /// Reports a name that differs from that of another stage in case alone.
  private mutating func checkFolderName(of name: Located, among stages: [StageEntry]) {
    let other = stages.first { $0.name.text.lowercased() == name.text.lowercased() }
    guard let other else { return }
    report(
      name.position, "“\(name.text)” and “\(other.name.text)” would share a folder on some systems",
      hint: "choose another name")
  }
}

extension String {
  /// Whether it is a safe name for a folder, an executable or a flag on every system.
  var isName: Bool {
    guard let first = unicodeScalars.first, first != "-", first != "_" else { return false }
    return unicodeScalars.count <= 64
      && unicodeScalars.allSatisfy { $0.isASCIIAlphanumeric || $0 == "-" || $0 == "_" }
  }
}

extension Unicode.Scalar {
  var isASCIIAlphanumeric: Bool {
    switch self {
    case "a"..."z", "A"..."Z", "0"..."9": true
    default: false
    }
  }
}

extension [String] {
  /// The elements, separated by commas.
  var listed: String { joined(separator: ", ") }
}

extension Node {
  fileprivate var position: SourcePosition {
    var length = 1
    if case .scalar(let scalar) = self {
      let quotes = [.singleQuoted, .doubleQuoted].contains(scalar.style) ? 2 : 0
      length = max(1, scalar.string.unicodeScalars.count + quotes)
    }
    return SourcePosition(line: mark?.line ?? 1, column: mark?.column ?? 1, length: length)
  }

  fileprivate var isPlain: Bool { scalar.map { [.plain, .any].contains($0.style) } ?? false }

  /// Whether it is no value.
  fileprivate var isNull: Bool { isPlain && ["", "~", "null"].contains(scalar?.string) }

  fileprivate var kind: String {
    switch self {
    case .scalar: isNull ? "nothing" : "a single value"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
