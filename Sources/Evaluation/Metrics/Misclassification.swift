import DLNC
import Support

/// A row that a model misclassified with high confidence.
struct Misclassification: Sendable {
  let variant: ModelVariant
  let seed: Int
  let task: EvaluationTask
  /// The row of the split, counted from 0.
  let row: Int
  /// The true classes: one, or any number in a multi-label task.
  let actual: [String]
  let predicted: [String]
  /// The probability of the predicted class; in a multi-label task, see ``LabelPredictions/confidences``.
  let confidence: Double
  /// The ID of the row, or its location in the data, if it is known.
  let id: String?
  /// The text of the row as it was written, if it is known.
  let text: String?
  /// The words that moved the prediction most, the strongest first; empty for the majority class.
  let because: [WordContribution]

  /// The number of rows that a report lists for a task.
  static let listed = 8
  /// The number of words that a report marks in a text.
  static let listedWords = 5

  /// The most confident errors of the first seed, preferably of a fine-tuned model.
  static func list(_ runs: [Predictions]) -> [Misclassification] {
    let run =
      runs.filter { $0.variant.training == .fineTuned }.min { $0.seed < $1.seed }
      ?? runs.min { $0.seed < $1.seed }
    guard let run else { return [] }
    return run.mostConfidentErrors(listed).map { row in
      Misclassification(
        variant: run.variant, seed: run.seed, task: run.task, row: row,
        actual: run.actualClasses(of: row), predicted: run.predictedClasses(of: row),
        confidence: run.confidences[row], id: run.ids[row], text: run.texts[row],
        because: run.because[row] ?? [])
    }
  }
}
