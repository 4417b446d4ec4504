import Support

/// A pipeline as its author wrote it: settings, and stages with their options and inputs.
public struct Manifest: Sendable {
  /// The name, which is also the name of the output folder.
  public internal(set) var name: String
  /// The values that `--set` can replace, in the order of the file.
  var settings: [(name: Located, value: String)]
  /// The stages, in the order of the file.
  var stages: [StageEntry]
  let source: SourceText
  /// The mistakes found so far. ``plan(settings:outputRoot:executables:)`` adds its own and throws
  /// all of them.
  var errors: [UserError] = []

  /// The stage of this name.
  func stage(_ name: String) -> StageEntry? { stages.first { $0.name.text == name } }
}

/// One stage of a manifest.
struct StageEntry: Sendable {
  var name: Located
  /// The executable, under `run`; nil, which is a mistake, if the manifest names none.
  var executable: Located?
  /// The inputs, by flag.
  var inputs: [Assignment] = []
  /// The other options, by flag, under `with`.
  var options: [Assignment] = []
  /// The axes that multiply the stage into jobs.
  var matrix: [Assignment] = []
  /// The stage for each of whose jobs this one has a job.
  var each: Located?
  /// The resources on a cluster, by the keys of ``Resources``.
  var resources: [(key: Located, value: Scalar)] = []
  /// Whether a part of it could not be read.
  var hasErrors = false
}

/// A flag and the values given to it.
struct Assignment: Sendable {
  /// The flag, without dashes.
  var flag: Located
  /// One value, or those of a list.
  var values: [Scalar]
  /// Whether the values were written as a list.
  var isList: Bool
  /// Whether it comes from YAML's merge key; the stage's own inputs and axes replace it.
  var isInherited = false
}

/// A value as it was written.
struct Scalar: Equatable, Sendable {
  /// The text, with settings filled in, and its position.
  var located: Located
  /// The text in the file, before settings were filled in.
  let rawText: String
  /// The value of a plain `true` or `false`; nil for other text, also for a quoted `true`.
  let boolValue: Bool?

  init(_ located: Located, boolValue: Bool? = nil) {
    self.located = located
    self.boolValue = boolValue
    rawText = located.text
  }

  var text: String { located.text }
  var position: SourcePosition { located.position }
}

// MARK: - Settings

extension Manifest {
  /// The manifest with `{setting}` replaced in every value, by the value given on the command line
  /// or else by that of the file; `{{` and `}}` become single braces. An unknown setting, in
  /// `overrides` or in the text, is added to the errors.
  func applying(_ overrides: [(key: String, value: String)]) -> Manifest {
    var result = self
    let names = settings.map(\.name.text)
    var values = Dictionary(settings.map { ($0.name.text, $0.value) }) { first, _ in first }
    for (key, value) in overrides where values.updateValue(value, forKey: key) == nil {
      result.errors.append(
        UserError(
          .usage, at: "--set \(key)=\(value)", problem: "no setting “\(key)” in \(source.path)",
          hint: suggestion(for: key, among: names, noun: "setting")))
    }
    func fill(_ scalar: inout Scalar) {
      do { scalar.located.text = try scalar.text.replacingSettings(values) } catch {
        switch error {
        case .unknown(let key):
          result.errors.append(
            source.error(
              at: scalar.position, "no setting “\(key)”",
              hint: suggestion(for: key, among: names, noun: "setting")))
        case .unclosed:
          result.errors.append(
            source.error(
              at: scalar.position, "an unclosed {", hint: "write {{ for a literal brace"))
        }
      }
    }
    func fill(_ assignments: inout [Assignment]) {
      for index in assignments.indices {
        for value in assignments[index].values.indices { fill(&assignments[index].values[value]) }
      }
    }
    result.stages = stages.map { stage in
      var stage = stage
      fill(&stage.inputs)
      fill(&stage.options)
      fill(&stage.matrix)
      for index in stage.resources.indices { fill(&stage.resources[index].value) }
      return stage
    }
    return result
  }

  /// The settings used in `text`, which is written as in the manifest.
  func settings(in text: String) -> [String] {
    settings.map(\.name.text).filter { text.contains("{\($0)}") }
  }
}

private enum PlaceholderError: Error {
  case unknown(String)
  case unclosed
}

extension String {
  fileprivate func replacingSettings(
    _ values: [String: String]
  ) throws(PlaceholderError) -> String {
    var result = ""
    var rest = self[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      result += rest[..<brace]
      let character = rest[brace]
      rest = rest[rest.index(after: brace)...]
      if rest.first == character || character == "}" {
        result.append(character)
        if rest.first == character { rest = rest.dropFirst() }
      } else {
        guard let end = rest.firstIndex(of: "}") else { throw .unclosed }
        guard let value = values[String(rest[..<end])] else { throw .unknown(String(rest[..<end])) }
        result += value
        rest = rest[rest.index(after: end)...]
      }
    }
    return result + rest
  }
}
