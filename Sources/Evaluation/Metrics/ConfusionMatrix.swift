/// The number of rows by actual and predicted class.
struct ConfusionMatrix: Sendable, Equatable {
  let classCount: Int
  /// Rows by actual class, then by predicted class; [classes, classes].
  private(set) var counts: [Int]

  /// A matrix of zeros.
  init(classCount: Int) {
    self.classCount = max(classCount, 0)
    counts = [Int](repeating: 0, count: self.classCount * self.classCount)
  }

  init(_ predictions: Predictions) {
    self.init(classCount: predictions.classNames.count)
    for (actual, predicted) in zip(predictions.labels, predictions.predicted) {
      counts[actual * classCount + predicted] += 1
    }
  }

  subscript(actual actual: Int, predicted predicted: Int) -> Int {
    counts[actual * classCount + predicted]
  }

  /// The number of rows.
  var total: Int { counts.reduce(0, +) }

  /// The number of rows whose predicted class is the actual one.
  var correct: Int { (0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: $1] } }

  /// The number of rows of a class.
  func actualCount(of index: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[actual: index, predicted: $1] }
  }

  /// The number of rows predicted as a class.
  func predictedCount(of index: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: index] }
  }

  var classScores: [ClassScores] {
    (0..<classCount).map { index in
      ClassScores(
        correct: self[actual: index, predicted: index], predictedCount: predictedCount(of: index),
        actualCount: actualCount(of: index))
    }
  }

  /// The unweighted mean of the F1 scores, as scikit-learn's `f1_score(average="macro")`. Classes
  /// that neither occur nor are predicted are left out; nil if there is no other class.
  var macroF1: Double? { mean(classScores.compactMap(\.f1)) }

  /// Adds a matrix of the same classes.
  static func += (left: inout ConfusionMatrix, right: ConfusionMatrix) {
    precondition(left.classCount == right.classCount, "matrices with different classes")
    for index in left.counts.indices { left.counts[index] += right.counts[index] }
  }
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
