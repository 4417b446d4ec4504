import Safetensors
import Support
import Yams

/// Turns nodes into a manifest and collects every mistake on the way.
struct ManifestReader {
  let source: SourceText
  private(set) var mistakes: [UserError] = []

  init(source: SourceText) { self.source = source }

  private mutating func mistake(
    _ place: SourcePosition, _ problem: String, expected: String? = nil, hint: String? = nil
  ) {
    mistakes.append(source.refusal(at: place, problem, expected: expected, hint: hint))
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
      mistake(node.place, "no “\(key)”", hint: "a manifest has the keys \(keys.listed)")
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
        name.place, "the stage “\(name.text)” has no “run”", hint: "name its executable: run: …")
    }
    let named = Set((stage.matrix + stage.inputs).map(\.flag.text))
    stage.with.removeAll { $0.isLent && named.contains($0.flag.text) }
    stage.isMutilated = mistakes.count > before
    return stage
  }

  private mutating func arguments(_ node: Node, _ what: String) -> [Assignment] {
    members(node, "“\(what)”").compactMap { flag, value, isLent in
      guard flag.text.isName else {
        mistake(flag.place, "“\(flag.text)” is no flag", hint: "write it without the dashes")
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
        hint: nearest(to: name.text, in: keys).map { "did you mean “\($0)”?" })
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
        key?.place ?? node.place, "no value" + owner, hint: "give one, or leave the key out")
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
      hint: "choose another name")
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
  fileprivate var place: SourcePosition {
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
