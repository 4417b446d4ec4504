import Shards

/// The measure on validation rows by which the epoch of a network or the penalty of a bag of words is
/// kept.
public enum SelectionCriterion: String, Codable, CaseIterable, Sendable {
  /// The fraction of rows that are classified correctly, then the loss.
  case accuracy
  /// The mean F1 score of the classes, in which a rare class counts as much as a frequent one, then the
  /// loss.
  case macroF1 = "macro-f1"
  /// The cross-entropy, then the accuracy.
  case loss

  /// Whether a score is better than another one.
  func prefers(_ score: ValidationScore, to other: ValidationScore) -> Bool {
    func key(_ score: ValidationScore) -> (Double, Double) {
      switch self {
      case .accuracy: (score.accuracy, -score.loss)
      case .macroF1: (score.macroF1 ?? 0, -score.loss)
      case .loss: (-score.loss, score.accuracy)
      }
    }
    return key(score) > key(other)
  }
}

/// Measures on validation rows.
struct ValidationScore {
  var accuracy: Double
  var macroF1: Double?
  var loss: Double
}

/// The mean F1 score of the classes that occur or are predicted, as scikit-learn's
/// `f1_score(average="macro")`.
/// - Parameters:
///   - probabilities: the probability of each class, [rows, classes]. The first of the most probable
///     ones is predicted or, in a multi-label task, each of at least ½.
///   - shard: the rows.
@_specialize(where R == Float)
package func macroF1<R: Real>(_ probabilities: [R], _ shard: TokenShard) -> Double {
  let classCount = shard.classNames.count
  var (correct, counts) = (
    [Double](repeating: 0, count: classCount), [Double](repeating: 0, count: classCount)
  )
  for row in 0..<shard.count {
    let values = Array(probabilities[row * classCount..<(row + 1) * classCount])
    let predicted =
      shard.isMultiLabel
      ? values.indices.filter { values[$0] >= 0.5 } : [argmax(values, count: classCount)]
    let actual = shard.classes(of: row)
    for label in actual { counts[Int(label)] += 1 }
    for label in predicted {
      counts[label] += 1
      if actual.contains(Int32(label)) { correct[label] += 1 }
    }
  }
  let scores = zip(correct, counts).filter { $0.1 > 0 }.map { 2 * $0 / $1 }
  return scores.reduce(0, +) / Double(max(scores.count, 1))
}
