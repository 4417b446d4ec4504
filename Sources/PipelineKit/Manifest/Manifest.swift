import Safetensors
import Support

/// A pipeline as its author wrote it: settings, and stages with their options and inputs.
public struct Manifest: Sendable {
  /// The name, which is also the folder of the outputs.
  public var name: String
  /// Values that `--set` can replace, in the order of the file.
  public var settings: [(name: Located, value: String)]
  /// The stages, in the order of the file.
  public var stages: [StageEntry]
  let source: SourceText
  /// What is wrong with it, as far as the file alone tells; ``plan(settings:outputRoot:tools:)``
  /// adds the rest and refuses it.
  var mistakes: [UserError] = []

  /// The stage of this name.
  func stage(_ name: String) -> StageEntry? { stages.first { $0.name.text == name } }
}

/// One stage of a manifest.
public struct StageEntry: Sendable {
  /// What the manifest calls it.
  public var name: Located
  /// The executable that does it; none if the manifest names none, which is a mistake.
  public var run: Located?
  /// What it reads, by flag.
  public var inputs: [Assignment] = []
  /// Its other options, by flag.
  public var with: [Assignment] = []
  /// The axes that multiply it into rows.
  public var matrix: [Assignment] = []
  /// The stage for each of whose rows it has a row.
  public var each: Located?
  /// What it asks of a cluster, by the keys of ``Resources``.
  public var resources: [(key: Located, value: Scalar)] = []
  /// Whether something of it could not be read.
  var isMutilated = false
}

/// A flag and the values given to it.
public struct Assignment: Sendable {
  /// The flag, without dashes.
  public var flag: Located
  /// One value, or those of a list.
  public var values: [Scalar]
  /// Whether the values were written as a list.
  public var isList: Bool
  /// Whether YAML's merge key brought it in, so that the stage's own inputs and axes go before it.
  var isLent = false
}

/// A value as it was written.
public struct Scalar: Equatable, Sendable {
  /// Its text, settings filled in, and its place.
  public var located: Located
  /// Its text as it stands in the file.
  var written: String
  /// Whether it is a plain `true` or `false`; a quoted one is text.
  public var truth: Bool?

  /// A value found at a place.
  init(_ located: Located, truth: Bool? = nil) {
    self.located = located
    self.truth = truth
    written = located.text
  }

  /// Its text.
  public var text: String { located.text }
  /// Its place.
  public var place: SourcePosition { located.place }
}
