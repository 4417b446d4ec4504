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
      throw UserError(
        .noInput, at: path, problem: "no readable manifest",
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
    guard bytes.count <= Self.maxSize, let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(
        .configuration, at: path, problem: "not a manifest (\(bytes.count) bytes)",
        expected: "a YAML file in UTF-8 of at most \(Self.maxSize) bytes",
        hint: "see pipelines/quickstart.yaml for an example")
    }
    let source = SourceText(path: path, text: text)
    var reader = ManifestReader(source: source)
    guard var manifest = reader.manifest(try parseYAML(text, source)), !manifest.stages.isEmpty
    else { throw Diagnostics(errors: reader.errors.sortedByPosition) }
    manifest.errors = reader.errors
    self = manifest
  }
}

/// Parses YAML into a tree of nodes. Scalars stay as written (`Resolver.basic`): `no`, `1e3` and
/// `012` remain text, which the stage interprets.
private func parseYAML(_ text: String, _ source: SourceText) throws -> Node {
  func syntaxError(_ mark: Mark, _ problem: String, hint: String) -> Diagnostics {
    let position = SourcePosition(line: mark.line, column: mark.column)
    return Diagnostics(errors: [source.error(at: position, problem, hint: hint)])
  }
  let hint = "correct the YAML here; see pipelines/quickstart.yaml for an example"
  do {
    guard let node = try Yams.compose(yaml: text, .basic) else {
      throw UserError(
        .configuration, at: source.path, problem: "an empty file", expected: "a manifest",
        hint: "see pipelines/quickstart.yaml for an example")
    }
    return node
  } catch let error as YamlError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      throw syntaxError(mark, "not YAML: \(problem)", hint: hint)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "“\($0)”" }.joined(separator: ", ")
      throw syntaxError(context.mark, "duplicate key \(names) in a mapping", hint: "keep one")
    default:
      throw UserError(.configuration, at: source.path, problem: "not YAML: \(error)", hint: hint)
    }
  }
}

/// Converts YAML nodes to a manifest and collects every mistake on the way.
struct ManifestReader {
  let source: SourceText
  private(set) var errors: [UserError] = []

  init(source: SourceText) { self.source = source }

  private mutating func report(
    _ position: SourcePosition, _ problem: String, expected: String? = nil, hint: String? = nil
  ) {
    errors.append(source.error(at: position, problem, expected: expected, hint: hint))
  }

  mutating func manifest(_ node: Node) -> Manifest? {
    let keys = ["name", "settings", "stages"]
    guard let entries = entries(node, "a manifest", keys: keys) else { return nil }
    var manifest = Manifest(name: "", settings: [], stages: [], source: source)
    for (key, value) in entries {
      switch key.text {
      case "name": manifest.name = name(value, "the manifest", key)?.text ?? ""
      case "settings":
        for (name, value) in self.entries(value, "“settings”") ?? [] {
          if let text = scalar(value, of: name)?.text { manifest.settings.append((name, text)) }
        }
      default:
        for (name, value) in self.entries(value, "“stages”") ?? [] {
          checkFolderName(of: name, among: manifest.stages)
          if let stage = stage(name, value) { manifest.stages.append(stage) }
        }
      }
    }
    for key in ["name", "stages"] where !entries.contains(where: { $0.key.text == key }) {
      report(node.position, "no “\(key)”", hint: "a manifest has the keys \(keys.listed)")
    }
    if manifest.stages.isEmpty, errors.isEmpty { report(node.position, "no stages") }
    return manifest
  }

  private mutating func stage(_ name: Located, _ node: Node) -> StageEntry? {
    let errorCount = errors.count
    checkName(name, "a stage")
    let keys = ["run", "inputs", "with", "matrix", "each", "resources"]
    guard let entries = entries(node, "the stage “\(name.text)”", keys: keys) else { return nil }
    var stage = StageEntry(name: name)
    for (key, value) in entries {
      switch key.text {
      case "run": stage.executable = self.name(value, "an executable", key)
      case "inputs": stage.inputs = assignments(value, key)
      case "with": stage.options = assignments(value, key)
      case "matrix": stage.matrix = assignments(value, key)
      case "resources":
        stage.resources =
          (self.entries(value, "“resources”", keys: Resources.Key.allCases.map(\.rawValue)) ?? [])
          .compactMap { key, value in scalar(value, of: key).map { (key, $0) } }
      default: stage.each = scalar(value, of: key)?.located
      }
    }
    if !entries.contains(where: { $0.key.text == "run" }) {
      report(
        name.position, "the stage “\(name.text)” has no “run”",
        hint: "name its executable: run: …")
    }
    let own = Set((stage.matrix + stage.inputs).map(\.flag.text))
    stage.options.removeAll { $0.isInherited && own.contains($0.flag.text) }
    stage.hasErrors = errors.count > errorCount
    return stage
  }

  private mutating func assignments(_ node: Node, _ key: Located) -> [Assignment] {
    members(node, "“\(key.text)”").compactMap { flag, value, isInherited in
      guard flag.text.isName else {
        report(
          flag.position, "“\(flag.text)” is not the name of a flag",
          hint: "write it without the dashes")
        return nil
      }
      guard case .sequence(let sequence) = value else {
        return scalar(value, of: flag).map {
          Assignment(flag: flag, values: [$0], isList: false, isInherited: isInherited)
        }
      }
      if sequence.isEmpty { report(value.position, "an empty list") }
      let values = sequence.compactMap { scalar($0, of: flag) }
      return values.isEmpty
        ? nil : Assignment(flag: flag, values: values, isList: true, isInherited: isInherited)
    }
  }

  /// The members of a mapping, after those inherited through YAML's merge key `<<` that it does not
  /// replace.
  private mutating func members(
    _ node: Node, _ what: String
  ) -> [(key: Located, value: Node, isInherited: Bool)] {
    var own = entries(node, what) ?? []
    guard let merge = own.firstIndex(where: { $0.key.text == "<<" }) else {
      return own.map { ($0.key, $0.value, false) }
    }
    let inherited = members(own.remove(at: merge).value, "“<<”").filter { member in
      !own.contains { $0.key.text == member.key.text }
    }
    return inherited.map { ($0.key, $0.value, true) } + own.map { ($0.key, $0.value, false) }
  }

  /// The members of a mapping; with `keys`, other keys are reported and left out.
  private mutating func entries(
    _ node: Node, _ what: String, keys: [String]? = nil
  ) -> [(key: Located, value: Node)]? {
    guard case .mapping(let mapping) = node else {
      report(node.position, "\(node.kind) for \(what)", expected: "a mapping of keys to values")
      return nil
    }
    return mapping.compactMap { key, value in
      guard let name = scalar(key)?.located else { return nil }
      guard let keys, !keys.contains(name.text) else { return (name, value) }
      report(
        name.position, "unknown key “\(name.text)” in \(what)", expected: "one of \(keys.listed)",
        hint: nearest(to: name.text, in: keys).map { "did you mean “\($0)”?" })
      return nil
    }
  }

  /// A single value; `key` is the key that it belongs to, for messages.
  private mutating func scalar(_ node: Node, of key: Located? = nil) -> Scalar? {
    let owner = key.map { " for “\($0.text)”" } ?? ""
    guard case .scalar(let scalar) = node else {
      report(node.position, node.kind + owner, expected: "a single value")
      return nil
    }
    let isPlain = scalar.style == .plain || scalar.style == .any
    if isPlain, ["", "~", "null"].contains(scalar.string) {
      report(
        key?.position ?? node.position, "no value" + owner,
        hint: "give one, or leave the key out")
      return nil
    }
    let boolValue = isPlain ? ["true": true, "false": false][scalar.string] : nil
    return Scalar(Located(text: scalar.string, position: node.position), boolValue: boolValue)
  }

  private mutating func name(_ node: Node, _ what: String, _ key: Located) -> Located? {
    guard let text = scalar(node, of: key)?.located else { return nil }
    return checkName(text, what) ? text : nil
  }

  @discardableResult
  private mutating func checkName(_ name: Located, _ what: String) -> Bool {
    if name.text.isName { return true }
    report(
      name.position, "“\(name.text)” cannot name \(what)",
      expected: "letters, digits, - and _, at most 64, beginning with a letter or digit")
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

  fileprivate var kind: String {
    switch self {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "a single value"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
