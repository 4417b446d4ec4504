/// How often each class was taken for each class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The number of classes.
  public let classes: Int
  /// Rows counted by true class, then by predicted class; [classes, classes].
  public private(set) var counts: [Int]

  /// A matrix of zeros.
  public init(classes: Int) {
    self.classes = max(classes, 0)
    counts = [Int](repeating: 0, count: self.classes * self.classes)
  }

  /// The matrix of some predictions.
  public init(_ predictions: Predictions) {
    self.init(classes: predictions.classNames.count)
    for (gold, predicted) in zip(predictions.gold, predictions.predicted) {
      counts[gold * classes + predicted] += 1
    }
  }

  /// How many rows of class `gold` were taken for class `predicted`.
  public subscript(gold gold: Int, predicted predicted: Int) -> Int {
    counts[gold * classes + predicted]
  }

  /// The number of rows.
  public var total: Int { counts.reduce(0, +) }

  /// How many rows were right.
  public var correct: Int { (0..<classes).reduce(0) { $0 + counts[$1 * classes + $1] } }

  /// How many rows have class `gold`.
  public func gold(_ gold: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[gold: gold, predicted: $1] }
  }

  /// How many rows were taken for class `predicted`.
  public func predicted(_ predicted: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[gold: $1, predicted: predicted] }
  }

  /// The scores of each class.
  public var classScores: [ClassScores] {
    (0..<classes).map { index in
      ClassScores(
        correct: self[gold: index, predicted: index], predicted: predicted(index),
        gold: gold(index))
    }
  }

  /// The mean of the classes' F1, each class alike, leaving out classes that neither occur nor were
  /// predicted; nil if there is none. The same as scikit-learn's `f1_score(average="macro")`.
  public var macroF1: Double? { mean(classScores.compactMap(\.f1)) }

  /// Adds the rows of another matrix of as many classes.
  public static func += (left: inout ConfusionMatrix, right: ConfusionMatrix) {
    precondition(left.classes == right.classes, "matrices of different classes")
    for index in left.counts.indices { left.counts[index] += right.counts[index] }
  }
}

/// The mean, or nil of nothing.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
