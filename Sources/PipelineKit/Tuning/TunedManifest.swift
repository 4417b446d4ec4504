import Foundation
import Support
import Yams

extension Tuning {
  /// The first words of every manifest with a tuned stage.
  public static let marker = "# Written by “pipeline tune”"

  /// The manifest with the options of a setting, as text, under the name `NAME-tuned`. Comments are
  /// lost, and what the command line replaced is replaced in it, too.
  ///
  /// - Parameters:
  ///   - setting: the index of the setting.
  ///   - duplicates: stages to leave out, which do the same as the tuned one: a report takes each model once.
  ///     The bag of words beside a network is one, if the bag of words is better.
  ///   - overrides: the settings and options of the command line.
  ///   - remark: a line for the head of the file.
  /// - Throws: ``UserError`` or ``Diagnostics`` if the manifest cannot be read or written as YAML.
  public func manifest(
    with setting: Int, without duplicates: [String] = [],
    settings overrides: [(key: String, value: String)], remark: String
  ) throws -> String {
    let name = "\(manifest.name.prefix(58))-tuned"
    var root = try manifest.source.parsed().withoutAnchors.replacing("name", by: Node(name))
    let groups = Dictionary(grouping: overrides, by: \.key).sorted { $0.key < $1.key }
    for (key, values) in groups {
      // Braces in a value of the command line name no setting.
      let literals = values.map {
        Node($0.value.replacing("{", with: "{{").replacing("}", with: "}}"))
      }
      if let settings = root.member("settings"), settings.member(key) != nil {
        root = root.replacing("settings", by: settings.replacing(key, by: Node(values[0].value)))
      } else if let dot = key.firstIndex(of: ".") {
        root.set(
          String(key[key.index(after: dot)...]), of: String(key[..<dot]),
          to: literals.count == 1 ? literals[0] : Node(literals))
      }
    }
    for option in settings[setting].options {
      let values = option.values.map { Node($0.rawText) }
      root.set(option.flag.text, of: stage, to: option.isList ? Node(values) : values[0])
    }
    remove(duplicates, from: &root)
    let head =
      "\(Self.marker): \(manifest.source.path) with the stage \(stage) as in the setting "
      + "“\(settings[setting].name)”.\n# \(remark)\n"
    return head + (try Yams.serialize(node: root.flowingWhereShort, width: -1, allowUnicode: true))
  }

  /// The other stages that would write what this one writes with a setting: those with the same
  /// fingerprints. The inputs of the stage must be up to date.
  /// - Throws: ``UserError`` if an executable cannot be run.
  public func duplicates(
    with setting: Int, outputRoot: String, executables: StageExecutables
  ) async throws -> [String] {
    var changed = manifest
    guard let index = changed.stages.firstIndex(where: { $0.name.text == stage }) else { return [] }
    changed.stages[index].options = entry.options(with: settings[setting]).all
    // Mistakes in stages that tuning does not need are for those who run them.
    let plan: Plan
    do {
      plan = try await changed.expanded(outputRoot: outputRoot, executables: executables)
    } catch is Diagnostics { return [] }
    let candidates = changed.stages.filter {
      $0.executable?.text == entry.executable?.text && $0.name.text != stage
    }.map(\.name.text)
    let jobs = plan.jobs.filter { ([stage] + candidates).contains($0.stage) }
    let results = try await concurrentMap(jobs) { job in
      let result = try await job.command.adding("--fingerprint").result()
      return (stage: job.stage, text: result.status == .exited(0) ? result.output : Data())
    }
    func fingerprints(of stage: String) -> [Data] {
      results.filter { $0.stage == stage }.map(\.text)
    }
    let own = fingerprints(of: stage)
    guard !own.contains(Data()) else { return [] }
    return candidates.filter { fingerprints(of: $0) == own }
  }

  /// Removes stages that do the same as the tuned one, and their names from the inputs of others.
  private func remove(_ duplicates: [String], from root: inout Node) {
    guard !duplicates.isEmpty, let stages = root.member("stages")?.mapping else { return }
    let kept = stages.filter { !duplicates.contains($0.key.scalar?.string ?? "") }
    root = root.replacing(
      "stages",
      by: Node(
        kept.map { name, stage in
          var stage = stage
          if let each = stage.member("each") {
            stage = stage.replacing("each", by: each.replacing(duplicates, with: self.stage))
          }
          if let inputs = stage.member("inputs")?.mapping {
            let renamed = inputs.map { ($0.key, $0.value.replacing(duplicates, with: self.stage)) }
            stage = stage.replacing("inputs", by: Node(renamed))
          }
          return (name, stage)
        }))
  }
}

extension Node {
  /// A copy in which nothing has an anchor; aliases are written out.
  fileprivate var withoutAnchors: Node {
    switch self {
    case .scalar(let scalar):
      return Node(scalar.string, scalar.tag, scalar.style)
    case .sequence(let sequence): return Node(sequence.map(\.withoutAnchors))
    case .mapping(let mapping):
      return Node(mapping.map { ($0.key.withoutAnchors, $0.value.withoutAnchors) })
    case .alias: return self
    }
  }

  /// A copy with short lists and groups of values on one line each.
  fileprivate var flowingWhereShort: Node {
    switch self {
    case .scalar, .alias: return self
    case .sequence(let sequence):
      let isShort = sequence.allSatisfy { $0.scalar != nil }
      return Node(sequence.map(\.flowingWhereShort), .implicit, isShort ? .flow : .block)
    case .mapping(let mapping):
      let values = mapping.map(\.value)
      let length = mapping.reduce(0) {
        $0 + ($1.key.scalar?.string.count ?? 0) + ($1.value.scalar?.string.count ?? 100) + 4
      }
      let isShort = length <= 80 && values.allSatisfy { $0.scalar != nil }
      return Node(
        mapping.map { ($0.key, $0.value.flowingWhereShort) }, .implicit, isShort ? .flow : .block)
    }
  }

  /// The value of a key of a mapping.
  fileprivate func member(_ key: String) -> Node? {
    mapping?.first { $0.key.scalar?.string == key }?.value
  }

  /// The mapping with another value of a key, which is added if it is not there.
  fileprivate func replacing(_ key: String, by value: Node) -> Node {
    var pairs = (mapping ?? [:]).map { ($0.key, $0.value) }
    if let index = pairs.firstIndex(where: { $0.0.scalar?.string == key }) {
      pairs[index].1 = value
    } else {
      pairs.append((Node(key), value))
    }
    return Node(pairs)
  }

  /// Replaces an option of a stage where it is, or adds it under `with`.
  fileprivate mutating func set(_ flag: String, of stage: String, to value: Node) {
    guard let stages = member("stages"), let entry = stages.member(stage) else { return }
    let group = ["matrix", "inputs"].first { entry.member($0)?.member(flag) != nil } ?? "with"
    // Options under a merge key would be replaced as a whole.
    let options = entry.member(group) ?? entry.merged(group) ?? [:]
    let changed = entry.replacing(group, by: options.replacing(flag, by: value))
    self = replacing("stages", by: stages.replacing(stage, by: changed))
  }

  /// The value of a key under YAML's merge key.
  private func merged(_ key: String) -> Node? {
    guard let base = member("<<") else { return nil }
    let bases = base.sequence.map(Array.init) ?? [base]
    return bases.lazy.compactMap { $0.member(key) ?? $0.merged(key) }.first
  }

  /// The node with one stage in place of others; each occurs once in a list.
  fileprivate func replacing(_ names: [String], with name: String) -> Node {
    switch self {
    case .scalar(let scalar): return names.contains(scalar.string) ? Node(name) : self
    case .sequence(let sequence):
      var seen: Set<String> = []
      return Node(
        sequence.map { $0.replacing(names, with: name) }.filter {
          $0.scalar.map { seen.insert($0.string).inserted } ?? true
        })
    default: return self
    }
  }
}
