/// A test row that a model got wrong while it was sure.
public struct Misclassification: Sendable, Equatable {
  /// The model.
  public let model: Model
  /// The seed of the run.
  public let seed: Int
  /// The task and how it was split.
  public let column: EvaluationTask
  /// The row of the split, counted from 0.
  public let row: Int
  /// The name of the true class.
  public let gold: String
  /// The name of the predicted class.
  public let predicted: String
  /// The probability of the predicted class.
  public let confidence: Double
  /// The text of the row, if it was given.
  public let text: String?

  /// How many mistakes a report lists for a column.
  public static let listed = 8

  /// The most confident mistakes of the first run, preferring a fine-tuned one.
  static func list(_ runs: [Predictions]) -> [Misclassification] {
    let run =
      runs.filter { $0.model.training == .fineTuned }.min { $0.seed < $1.seed }
      ?? runs.min { $0.seed < $1.seed }
    guard let run else { return [] }
    return run.mostConfidentMistakes(listed).map { row in
      Misclassification(
        model: run.model, seed: run.seed, column: run.column, row: row,
        gold: run.classNames[run.gold[row]], predicted: run.classNames[run.predicted[row]],
        confidence: run.confidence(row), text: run.texts[row])
    }
  }
}
