import Foundation
import Support
import Yams

extension Manifest {
  /// The largest manifest that is read.
  static let largest = 1 << 20

  /// Reads a manifest. Mistakes in it are kept for the plan, which reports all at once.
  /// - Throws: ``UserError`` if the file cannot be read, ``Diagnostics`` if it is not YAML or nothing
  ///   like a manifest.
  public init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError(
        .noInput, at: path, problem: "no manifest that can be read",
        hint: Self.neighbour(of: path).map { "did you mean “\($0)”?" }
          ?? "name one, such as: pipeline run pipelines/quickstart.yaml")
    }
    try self.init(bytes: data, path: path)
  }

  /// The file in the same folder that may have been meant.
  private static func neighbour(of path: String) -> String? {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let near = nearest(
      to: url.lastPathComponent,
      in: names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted())
    return near.map { String(path.dropLast(url.lastPathComponent.count)) + $0 }
  }

  /// Reads a manifest of these bytes, called `path` in messages.
  /// - Throws: as ``init(path:)``.
  public init(bytes: Data, path: String) throws {
    guard bytes.count <= Self.largest, let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(
        .configuration, at: path, problem: "\(bytes.count) bytes that are no manifest",
        expected: "a YAML file in UTF-8 of at most \(Self.largest) bytes",
        hint: "see pipelines/quickstart.yaml for an example")
    }
    let source = SourceText(path: path, text: text)
    var reader = ManifestReader(source: source)
    guard var manifest = reader.manifest(try root(of: text, source)), !manifest.stages.isEmpty
    else { throw Diagnostics(all: reader.mistakes.inOrder) }
    manifest.mistakes = reader.mistakes
    self = manifest
  }
}

extension [UserError] {
  /// Sorted by line and column, so that they read like the manifest.
  var inOrder: [UserError] {
    func key(_ refusal: UserError) -> [Int] {
      refusal.location.split(separator: ":").suffix(2).map { Int($0) ?? 0 }
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
  func refusals(_ mark: Mark, _ problem: String, hint: String) -> Diagnostics {
    let place = SourcePosition(line: mark.line, column: mark.column)
    return Diagnostics(all: [source.refusal(at: place, problem, hint: hint)])
  }
  let hint = "mend the YAML here; see pipelines/quickstart.yaml for an example"
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
      throw refusals(mark, "not YAML: \(problem)", hint: hint)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "“\($0)”" }.joined(separator: ", ")
      throw refusals(
        context.mark, "\(names) stands twice in one mapping", hint: "keep one of the two")
    default:
      throw UserError(.configuration, at: source.path, problem: "not YAML: \(error)", hint: hint)
    }
  }
}
