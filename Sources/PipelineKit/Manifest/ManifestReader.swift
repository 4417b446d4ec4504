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
  static let maxMergeCount = 10_000, maxMergeDepth = 100

  let source: SourceText
  private(set) var errors: [UserError] = []
  var warnings: [String] = []
  var mergeCount = 0
  var mergeDepth = 0
  var hasTooManyMerges = false

  init(source: SourceText) { self.source = source }

  mutating func report(
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
    let keys = ["run", "inputs", "with", "matrix", "each", "tune", "resources"]
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
      case "tune":
        let form = "write NAME: { FLAG: VALUE } for each setting"
        stage.tune = (self.members(of: value, "“tune”", hint: form) ?? []).map { setting in
          if !setting.key.text.isAxisValue {
            report(
              setting.key.position, "“\(setting.key.text)” cannot name a setting",
              hint: "use letters, digits and - _ + .")
          }
          return (setting.key, assignments(setting))
        }
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
  var position: SourcePosition {
    var length = 1
    if case .scalar(let scalar) = self {
      let quotes = [.singleQuoted, .doubleQuoted].contains(scalar.style) ? 2 : 0
      length = max(1, scalar.string.unicodeScalars.count + quotes)
    }
    return SourcePosition(line: mark?.line ?? 1, column: mark?.column ?? 1, length: length)
  }

  var isPlain: Bool { scalar.map { [.plain, .any].contains($0.style) } ?? false }

  /// Whether it is no value.
  var isNull: Bool { isPlain && ["", "~", "null"].contains(scalar?.string) }

  var kind: String {
    switch self {
    case .scalar: isNull ? "nothing" : "a single value"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
