import DLNC
import Shards

/// The predictions for the rows of a multi-label task.
struct LabelPredictions: Sendable {
  /// The true labels of each row.
  let actual: LabelSets
  /// The labels of each row whose probability reaches their threshold.
  var predicted: LabelSets
  /// The probability of each label, at most 1; [rows, classes], row-major.
  let probabilities: [Float]
  /// The same without the temperature of the model; nil for a model that is not calibrated.
  let uncalibrated: [Float]?
  /// The thresholds; [classes].
  let thresholds: [Double]

  init(
    actual: LabelSets, _ thresholds: LabelThresholds, probabilities: [Float],
    uncalibrated: [Float]?
  ) {
    let count = thresholds.values.count
    (self.actual, self.thresholds) = (actual, thresholds.values)
    (self.probabilities, self.uncalibrated) = (probabilities, uncalibrated)
    predicted = LabelSets(
      (0..<actual.count).map { row in
        thresholds.labels(probabilities[row * count..<(row + 1) * count]).map {
          Int32(truncatingIfNeeded: $0)
        }
      })
  }

  /// The predictions for the rows of all folds; the thresholds are means over them.
  /// - Returns: nil without any.
  init?(pooling folds: [LabelPredictions]) {
    guard let first = folds.first else { return nil }
    func joined(_ sets: (LabelPredictions) -> LabelSets) -> LabelSets {
      LabelSets(folds.flatMap { fold in (0..<sets(fold).count).map { sets(fold)[$0] } })
    }
    (actual, predicted) = (joined(\.actual), joined(\.predicted))
    probabilities = folds.flatMap(\.probabilities)
    let uncalibrated = folds.compactMap(\.uncalibrated)
    self.uncalibrated = uncalibrated.count == folds.count ? uncalibrated.flatMap { $0 } : nil
    thresholds = first.thresholds.indices.map { label in
      mean(folds.map { $0.thresholds[label] }) ?? 0.5
    }
  }

  /// Whether the predicted labels of each row are the true ones; [rows].
  var correct: [Bool] { (0..<actual.count).map { predicted[$0] == actual[$0] } }

  /// The predicted labels of a row that are true.
  func correctLabels(of row: Int) -> [Int32] { predicted[row].filter(actual[row].contains) }

  /// The distances of the probabilities of the wrong labels of a row from the truth, 0 or 1: how sure
  /// the model was of its worst mistake; 0 for a correct row; [rows].
  var confidences: [Double] {
    (0..<actual.count).map { row in
      let wrong = Set(actual[row]).symmetricDifference(predicted[row])
      return wrong.map { label in
        let probability = Double(probabilities[row * thresholds.count + Int(label)])
        return actual[row].contains(label) ? 1 - probability : min(1, probability)
      }.max() ?? 0
    }
  }

  /// The scores of each label.
  var classScores: [ClassScores] {
    let zeros = thresholds.map { _ in 0 }
    var (correct, predictedCounts, actualCounts) = (zeros, zeros, zeros)
    for row in 0..<actual.count {
      for label in correctLabels(of: row) { correct[Int(label)] += 1 }
      for label in predicted[row] { predictedCounts[Int(label)] += 1 }
      for label in actual[row] { actualCounts[Int(label)] += 1 }
    }
    return zeros.indices.map {
      ClassScores(
        correct: correct[$0], predictedCount: predictedCounts[$0], actualCount: actualCounts[$0])
    }
  }

  /// The labels which, given to every row, have the highest micro-F1: the most frequent ones, as many as
  /// raise it.
  var bestConstant: [Int32] {
    let counts = classScores.map(\.actualCount)
    let order = counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
    let total = counts.reduce(0, +)
    var (best, bestScore, correct) = (0, 0.0, 0)
    for (index, label) in order.enumerated() {
      correct += counts[label]
      let score = Double(2 * correct) / Double(max((index + 1) * actual.count + total, 1))
      if score > bestScore { (best, bestScore) = (index + 1, score) }
    }
    return order.prefix(best).map { Int32(truncatingIfNeeded: $0) }.sorted()
  }
}
