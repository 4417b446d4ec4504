/// The number of rows by actual and predicted class. Only cells with rows take memory, because a matrix
/// of many classes is nearly empty.
struct ConfusionMatrix: Sendable, Equatable {
  /// A cell off the diagonal.
  struct Confusion: Sendable, Equatable {
    let actual: Int
    let predicted: Int
    let rows: Int
  }

  let classCount: Int
  /// The rows of each cell by `actual * classCount + predicted`.
  private var counts: [Int: Int] = [:]
  private var actualCounts: [Int]
  private var predictedCounts: [Int]

  /// A matrix of zeros.
  init(classCount: Int) {
    self.classCount = max(classCount, 0)
    actualCounts = [Int](repeating: 0, count: self.classCount)
    predictedCounts = actualCounts
  }

  /// Counts the rows of predictions; none in a multi-label task, whose rows have no single class.
  init(_ predictions: Predictions) {
    self.init(classCount: predictions.task.isMultiLabel ? 0 : predictions.classNames.count)
    for (actual, predicted) in zip(predictions.labels, predictions.predicted) {
      counts[actual * classCount + predicted, default: 0] += 1
      actualCounts[actual] += 1
      predictedCounts[predicted] += 1
    }
  }

  subscript(actual actual: Int, predicted predicted: Int) -> Int {
    counts[actual * classCount + predicted] ?? 0
  }

  /// The number of rows.
  var total: Int { actualCounts.reduce(0, +) }

  /// The number of rows whose predicted class is the actual one.
  var correct: Int { (0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: $1] } }

  /// The number of rows of a class.
  func actualCount(of index: Int) -> Int { actualCounts[index] }

  /// The number of rows predicted as a class.
  func predictedCount(of index: Int) -> Int { predictedCounts[index] }

  /// The cells off the diagonal that have rows, the largest first.
  var confusions: [Confusion] {
    counts.map { Confusion(actual: $0 / classCount, predicted: $0 % classCount, rows: $1) }
      .filter { $0.actual != $0.predicted }
      .sorted { ($1.rows, $0.actual, $0.predicted) < ($0.rows, $1.actual, $1.predicted) }
  }

  var classScores: [ClassScores] {
    (0..<classCount).map { index in
      ClassScores(
        correct: self[actual: index, predicted: index], predictedCount: predictedCount(of: index),
        actualCount: actualCount(of: index))
    }
  }

  /// Adds a matrix of the same classes.
  static func += (left: inout ConfusionMatrix, right: ConfusionMatrix) {
    precondition(left.classCount == right.classCount, "matrices with different classes")
    left.counts.merge(right.counts, uniquingKeysWith: +)
    for index in 0..<left.classCount {
      left.actualCounts[index] += right.actualCounts[index]
      left.predictedCounts[index] += right.predictedCounts[index]
    }
  }
}

extension Predictions {
  /// The scores of each class.
  var classScores: [ClassScores] {
    labelPredictions?.classScores ?? ConfusionMatrix(self).classScores
  }
}

extension [ClassScores] {
  /// The unweighted mean of the F1 scores, as scikit-learn's `f1_score(average="macro")`. Classes
  /// that neither occur nor are predicted are left out; nil if there is no other class.
  var macroF1: Double? { mean(compactMap(\.f1)) }
}

/// Precision, recall and F1 of one class.
struct ClassScores: Sendable, Equatable {
  /// The number of rows of the class that are predicted correctly.
  let correct: Int
  let predictedCount: Int
  let actualCount: Int

  /// The fraction of the rows predicted as the class that belong to it; nil if there are none.
  var precision: Double? { predictedCount > 0 ? Double(correct) / Double(predictedCount) : nil }

  /// The fraction of the rows of the class that are predicted as it; nil if there are none.
  var recall: Double? { actualCount > 0 ? Double(correct) / Double(actualCount) : nil }

  /// The harmonic mean of precision and recall, 2 correct / (predicted + actual); nil if the class
  /// neither occurs nor is predicted.
  var f1: Double? {
    let sum = predictedCount + actualCount
    return sum > 0 ? 2 * Double(correct) / Double(sum) : nil
  }
}
