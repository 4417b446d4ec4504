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
  /// Remarks on it that do not prevent a run.
  var warnings: [String] = []

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
  /// The named settings that tuning compares, under `tune`.
  var tune: [(name: Located, options: [Assignment])] = []
  /// The first values of each job's matrix point, which are no flags: the name of a tuned setting.
  var label = MatrixPoint()
  /// The resources on a cluster, by the keys of ``Resources``.
  var resources: [(key: Located, value: Scalar)] = []
  /// Whether a part of it could not be read.
  var hasErrors = false

  /// Removes what is inherited and given again in another group. Of what is inherited, inputs and
  /// axes replace options.
  mutating func removeReplaced() {
    let axes = Set((matrix + inputs).map(\.flag.text))
    let own = Set((matrix + inputs + options).filter { !$0.isInherited }.map(\.flag.text))
    matrix.removeAll { $0.isInherited && own.contains($0.flag.text) }
    inputs.removeAll { $0.isInherited && own.contains($0.flag.text) }
    options.removeAll { $0.isInherited && own.union(axes).contains($0.flag.text) }
  }
}

/// A flag and the values given to it.
struct Assignment: Sendable {
  /// The flag, without dashes.
  var flag: Located
  /// One value, or those of a list.
  var values: [Scalar]
  /// Whether the values were written as a list.
  var isList: Bool
  /// Whether it comes from YAML's merge key; the stage's own inputs, options and axes replace it.
  var isInherited = false
}

/// A value as it was written.
struct Scalar: Equatable, Sendable {
  /// The text, with settings filled in, and its position.
  var located: Located
  /// The text in the file, before settings were filled in.
  let rawText: String
  /// The value of a plain `true` or `false`, or of a setting; nil for other text, also for a quoted `true`.
  var boolValue: Bool?

  init(_ located: Located, boolValue: Bool? = nil) {
    self.located = located
    self.boolValue = boolValue
    rawText = located.text
  }

  static func boolValue(of text: String) -> Bool? { ["true": true, "false": false][text] }

  var text: String { located.text }
  var position: SourcePosition { located.position }
}
