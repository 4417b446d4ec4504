import Foundation
import Tensors
import Yams

extension Manifest {
  /// The largest manifest that is read.
  static let largest = 1 << 20

  /// Reads a manifest. Mistakes in it are kept for the plan, which reports all at once.
  /// - Throws: ``Refusal`` if the file cannot be read, ``Refusals`` if it is not YAML or nothing
  ///   like a manifest.
  public init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Refusal(
        .noInput, at: path, saw: "no manifest that can be read",
        advice: "name one, such as: pipeline run pipelines/quickstart.yaml")
    }
    try self.init(bytes: data, path: path)
  }

  /// Reads a manifest of these bytes, called `path` in messages.
  /// - Throws: as ``init(path:)``.
  public init(bytes: Data, path: String) throws {
    guard bytes.count <= Self.largest, let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(
        .configuration, at: path, saw: "\(bytes.count) bytes that are no manifest",
        expected: "a YAML file in UTF-8 of at most \(Self.largest) bytes",
        advice: "see pipelines/quickstart.yaml for an example")
    }
    let source = SourceText(path: path, text: text)
    var reader = ManifestReader(source: source)
    guard var manifest = reader.manifest(try root(of: text, source)), !manifest.stages.isEmpty
    else { throw Refusals(all: reader.mistakes.inOrder) }
    manifest.mistakes = reader.mistakes
    self = manifest
  }
}

extension [Refusal] {
  /// Sorted by line and column, so that they read like the manifest.
  var inOrder: [Refusal] {
    func key(_ refusal: Refusal) -> [Int] {
      refusal.place.split(separator: ":").suffix(2).map { Int($0) ?? 0 }
    }
    return enumerated().sorted {
      let (left, right) = (key($0.element) + [$0.offset], key($1.element) + [$1.offset])
      return left.lexicographicallyPrecedes(right)
    }.map(\.element)
  }
}

/// The document as a tree of nodes. Scalars stay as written (`Resolver.basic`): `no`, `1e3` and
/// `012` are text until the stage that takes them reads them.
private func root(of text: String, _ source: SourceText) throws -> Node {
  func refusals(_ mark: Mark, _ saw: String, advice: String) -> Refusals {
    let place = Place(line: mark.line, column: mark.column)
    return Refusals(all: [source.refusal(at: place, saw, advice: advice)])
  }
  let advice = "mend the YAML here; see pipelines/quickstart.yaml for an example"
  do {
    guard let node = try Yams.compose(yaml: text, .basic) else {
      throw Refusal(
        .configuration, at: source.path, saw: "an empty file", expected: "a manifest",
        advice: "see pipelines/quickstart.yaml for an example")
    }
    return node
  } catch let error as YamlError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      throw refusals(mark, "not YAML: \(problem)", advice: advice)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "“\($0)”" }.joined(separator: ", ")
      throw refusals(
        context.mark, "\(names) stands twice in one mapping", advice: "keep one of the two")
    default:
      throw Refusal(.configuration, at: source.path, saw: "not YAML: \(error)", advice: advice)
    }
  }
}

/// Turns nodes into a manifest and collects every mistake on the way.
struct ManifestReader {
  let source: SourceText
  private(set) var mistakes: [Refusal] = []

  init(source: SourceText) { self.source = source }

  private mutating func mistake(
    _ place: Place, _ saw: String, expected: String? = nil, advice: String? = nil
  ) {
    mistakes.append(source.refusal(at: place, saw, expected: expected, advice: advice))
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
          checkFolder(of: name, beside: manifest.stages)
          if let stage = stage(name, value) { manifest.stages.append(stage) }
        }
      }
    }
    for key in ["name", "stages"] where !entries.contains(where: { $0.key.text == key }) {
      mistake(node.place, "no “\(key)”", advice: "a manifest has the keys \(keys.listed)")
    }
    if manifest.stages.isEmpty, mistakes.isEmpty { mistake(node.place, "no stages") }
    return manifest
  }

  private mutating func stage(_ name: Located, _ node: Node) -> StageEntry? {
    let before = mistakes.count
    checkName(name, "a stage")
    let keys = ["run", "inputs", "with", "matrix", "each", "resources"]
    guard let entries = entries(node, "the stage “\(name.text)”", keys: keys) else { return nil }
    var stage = StageEntry(name: name)
    for (key, value) in entries {
      switch key.text {
      case "run": stage.run = self.name(value, "an executable", key)
      case "inputs": stage.inputs = arguments(value, "inputs")
      case "with": stage.with = arguments(value, "with")
      case "matrix": stage.matrix = arguments(value, "matrix")
      case "resources":
        stage.resources = (self.entries(value, "“resources”", keys: Resources.keys) ?? [])
          .compactMap { key, value in scalar(value, of: key).map { (key, $0) } }
      default: stage.each = scalar(value, of: key)?.located
      }
    }
    if !entries.contains(where: { $0.key.text == "run" }) {
      mistake(
        name.place, "the stage “\(name.text)” has no “run”", advice: "name its executable: run: …")
    }
    let named = Set((stage.matrix + stage.inputs).map(\.flag.text))
    stage.with.removeAll { $0.isLent && named.contains($0.flag.text) }
    stage.isMutilated = mistakes.count > before
    return stage
  }

  private mutating func arguments(_ node: Node, _ what: String) -> [Assignment] {
    members(node, "“\(what)”").compactMap { flag, value, isLent in
      guard flag.text.isName else {
        mistake(flag.place, "“\(flag.text)” is no flag", advice: "write it without the dashes")
        return nil
      }
      guard case .sequence(let sequence) = value else {
        return scalar(value, of: flag).map {
          Assignment(flag: flag, values: [$0], isList: false, isLent: isLent)
        }
      }
      if sequence.isEmpty { mistake(value.place, "an empty list") }
      let values = sequence.compactMap { scalar($0, of: flag) }
      return values.isEmpty
        ? nil : Assignment(flag: flag, values: values, isList: true, isLent: isLent)
    }
  }

  /// The members of a mapping, after those that YAML's merge key `<<` lends it; what is written here
  /// goes before these.
  private mutating func members(
    _ node: Node, _ what: String
  ) -> [(key: Located, value: Node, isLent: Bool)] {
    var own = entries(node, what) ?? []
    guard let merge = own.firstIndex(where: { $0.key.text == "<<" }) else {
      return own.map { ($0.key, $0.value, false) }
    }
    let lent = members(own.remove(at: merge).value, "“<<”").filter { member in
      !own.contains { $0.key.text == member.key.text }
    }
    return lent.map { ($0.key, $0.value, true) } + own.map { ($0.key, $0.value, false) }
  }

  /// The members of a mapping, whose keys are all known ones if `keys` is given.
  private mutating func entries(
    _ node: Node, _ what: String, keys: [String]? = nil
  ) -> [(key: Located, value: Node)]? {
    guard case .mapping(let mapping) = node else {
      mistake(node.place, "\(node.kind) for \(what)", expected: "a mapping of keys to values")
      return nil
    }
    return mapping.compactMap { key, value in
      guard let name = scalar(key)?.located else { return nil }
      guard let keys, !keys.contains(name.text) else { return (name, value) }
      mistake(
        name.place, "unknown key “\(name.text)” in \(what)", expected: "one of \(keys.listed)",
        advice: nearest(to: name.text, in: keys).map { "did you mean “\($0)”?" })
      return nil
    }
  }

  /// A single value; `key` is the key that it belongs to, for the message.
  private mutating func scalar(_ node: Node, of key: Located? = nil) -> Scalar? {
    let owner = key.map { " for “\($0.text)”" } ?? ""
    guard case .scalar(let scalar) = node else {
      mistake(node.place, node.kind + owner, expected: "a single value")
      return nil
    }
    let plain = scalar.style == .plain || scalar.style == .any
    if plain, ["", "~", "null"].contains(scalar.string) {
      mistake(
        key?.place ?? node.place, "no value" + owner, advice: "give one, or leave the key out")
      return nil
    }
    let truth = plain ? ["true": true, "false": false][scalar.string] : nil
    return Scalar(Located(text: scalar.string, place: node.place), truth: truth)
  }

  private mutating func name(_ node: Node, _ what: String, _ key: Located) -> Located? {
    guard let text = scalar(node, of: key)?.located else { return nil }
    return checkName(text, what) ? text : nil
  }

  @discardableResult
  private mutating func checkName(_ name: Located, _ what: String) -> Bool {
    if name.text.isName { return true }
    mistake(
      name.place, "“\(name.text)” cannot name \(what)",
      expected: "letters, digits, - and _, at most 64, beginning with a letter or digit")
    return false
  }

  private mutating func checkFolder(of name: Located, beside stages: [StageEntry]) {
    let twin = stages.first { $0.name.text.lowercased() == name.text.lowercased() }
    guard let twin else { return }
    mistake(
      name.place, "“\(name.text)” and “\(twin.name.text)” would share a folder on some systems",
      advice: "choose another name")
  }
}

extension String {
  /// Whether it can safely name a folder, an executable or a flag everywhere.
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
  /// Separated by commas.
  var listed: String { joined(separator: ", ") }
}

extension Node {
  fileprivate var place: Place {
    var length = 1
    if case .scalar(let scalar) = self {
      let quotes = [.singleQuoted, .doubleQuoted].contains(scalar.style) ? 2 : 0
      length = max(1, scalar.string.unicodeScalars.count + quotes)
    }
    return Place(line: mark?.line ?? 1, column: mark?.column ?? 1, length: length)
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
