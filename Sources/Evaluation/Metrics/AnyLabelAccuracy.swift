/// Accuracy where one text may stand under several classes.
///
/// A tweet of EI-reg can be angry and sad and then stands in the split once with each label, so no
/// single answer is right in all its rows. Here a prediction counts when any row of the same text
/// in the split has the predicted class.
public struct AnyLabelAccuracy: Sendable, Equatable {
  /// How many rows count as right.
  public let correct: Int
  /// The number of rows.
  public let total: Int
  /// How many rows belong to a text that stands under more than one class.
  public let ambiguous: Int
  /// How many rows the best possible single answers would get right in the strict sense: for each
  /// text the number of rows of its commonest class.
  public let strictLimit: Int

  /// Counts the matches of some predictions.
  public init(_ predictions: Predictions) {
    let classes = predictions.classNames.count
    var counts: [Int: [Int]] = [:]
    for (group, gold) in zip(predictions.groups, predictions.gold) {
      counts[group, default: [Int](repeating: 0, count: classes)][gold] += 1
    }
    var (correct, ambiguous, limit) = (0, 0, 0)
    for (group, predicted) in zip(predictions.groups, predictions.predicted) {
      let text = counts[group] ?? []
      if text[predicted] > 0 { correct += 1 }
      if text.count(where: { $0 > 0 }) > 1 { ambiguous += 1 }
    }
    for text in counts.values { limit += text.max() ?? 0 }
    self.correct = correct
    total = predictions.gold.count
    self.ambiguous = ambiguous
    strictLimit = limit
  }

  /// The share of rows that count as right; nil if there are none.
  public var accuracy: Double? { total > 0 ? Double(correct) / Double(total) : nil }
}
