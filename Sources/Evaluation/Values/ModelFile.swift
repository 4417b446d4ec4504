/// A model file that results come from.
public struct ModelFile: Sendable, Equatable {
  /// The row of the tables that it belongs to.
  public var model: Model
  /// The seed that it was trained from.
  public var seed: Int
  /// What it was tested on.
  public var columns: [EvaluationTask]
  /// The stage that made it, as in ``Provenance/stage``; empty if that is not known.
  public var stage: String
  /// The SHA-256 of the file.
  public var sha256: String

  /// A model file of these properties.
  public init(model: Model, seed: Int, columns: [EvaluationTask], stage: String, sha256: String) {
    (self.model, self.seed, self.columns) = (model, seed, columns)
    (self.stage, self.sha256) = (stage, sha256)
  }
}
