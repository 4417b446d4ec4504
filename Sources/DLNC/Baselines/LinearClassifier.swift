import Shards

/// A task of a linear model, and the fits among which its penalty was chosen.
public struct TaskClassifier: Codable, Equatable, Sendable {
  /// The result of a fit with one penalty.
  public struct PenaltyFit: Codable, Equatable, Sendable {
    /// The strength of the penalty; nil for the majority class.
    public var penalty: Double?
    /// The number of steps of Newton's method.
    public var steps: Int
    /// The mean cross-entropy of the training rows.
    public var trainLoss: Double
    /// The fraction of training rows that are classified correctly.
    public var trainAccuracy: Double
    /// The mean cross-entropy of the validation rows; nil without validation rows.
    public var validationLoss: Double?
    /// The fraction of validation rows that are classified correctly.
    public var validationAccuracy: Double?
    /// The mean F1 score of the classes on the validation rows; nil without validation rows.
    public var validationMacroF1: Double?

    /// A fit with its metrics; those of no validation rows are nil.
    package init(
      penalty: Double?, steps: Int, train: BatchMetrics, validation: BatchMetrics,
      validationMacroF1: Double?
    ) {
      (self.penalty, self.steps) = (penalty, steps)
      (trainLoss, trainAccuracy) = (train.meanLoss, train.accuracy)
      guard validation.rows > 0 else { return }
      (validationLoss, validationAccuracy) = (validation.meanLoss, validation.accuracy)
      self.validationMacroF1 = validationMacroF1
    }

    /// Whether it is better on validation data than `other`.
    package func improves(on other: PenaltyFit, by criterion: SelectionCriterion) -> Bool {
      criterion.prefers(score, to: other.score)
    }

    private var score: ValidationScore {
      ValidationScore(
        accuracy: validationAccuracy ?? 0, macroF1: validationMacroF1, loss: validationLoss ?? 0)
    }
  }

  /// The name of the task.
  public var name: String
  /// The names of the classes.
  public var classNames: [String]
  /// All fits, the strongest penalty first.
  public var trials: [PenaltyFit] = []
  /// The index of the selected fit in `trials`.
  public var kept = 0
  /// The rows that it was trained on.
  public var trainingData: TrainingDataDigest?
  /// How the weights were fitted; nil for `tfidf` and for the majority class.
  public var ngramWeights: NgramWeights?
  /// The lengths of its character n-grams; nil without any.
  public var characters: CharacterLengths?
  /// The first of the tasks whose rows it was fitted to together, and which share its weights; nil if
  /// it was fitted to the rows of its task alone.
  public var pool: String?
  /// The penalty of the private part of the weights as a multiple of that of the shared part; nil
  /// if it shares no part; see `SharedWeights`.
  public var ownPenaltyRatio: Double?
  /// The temperature of its probabilities, fitted before validation rows were learned from; nil for 1.
  public var calibration: TemperatureScaling?
  /// Why it is not calibrated, if validation rows are not like training rows.
  public var validationShift: ValidationShift?
  /// The thresholds of a multi-label task; nil for a task that gives each row one class.
  public var labelThresholds: LabelThresholds?
}

extension TaskClassifier {
  /// The task of some rows.
  package init(of shard: TokenShard) {
    self.init(name: shard.task, classNames: shard.classNames)
    if shard.isMultiLabel { labelThresholds = LabelThresholds(classCount: classNames.count) }
  }

  /// Removes the temperature without a change of the labels that rows get.
  package mutating func removeCalibration() {
    guard let calibration else { return }
    labelThresholds = labelThresholds?.without(calibration)
    self.calibration = nil
  }
}

/// A linear classifier of the n-grams of a task's rows: softmax(x W) or, in a multi-label task,
/// sigmoid(x W).
package struct LinearClassifier: Sendable {
  package var summary: TaskClassifier
  /// Computes x from a row; the last column of x is 1.
  package var ngrams: TfidfVectorizer
  /// W, [features + 1, classes]; the last row holds the intercepts.
  package let weights: [Float]

  /// The logit of a class without training rows: its probability is 0 in single precision, but the
  /// cross-entropy of a row of that class is finite.
  package static let absentClassLogit: Float = -200

  package init(summary: TaskClassifier, ngrams: TfidfVectorizer, weights: [Float]) {
    (self.summary, self.ngrams, self.weights) = (summary, ngrams, weights)
  }

  private var output: OutputFunction {
    OutputFunction(isMultiLabel: summary.labelThresholds != nil)
  }

  /// Classifies all rows of a shard with the classifier's classes. Rows are not truncated.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Returns: the probabilities, [rows, classes], and the metrics.
  package func predict(
    _ shard: TokenShard, threads: Int
  ) -> (probabilities: [Float], metrics: BatchMetrics) {
    var result = (probabilities: [Float](), metrics: BatchMetrics())
    // Blocks of rows, so that memory does not grow with the shard.
    for start in stride(from: 0, to: shard.count, by: 4096) {
      let range = start..<min(shard.count, start + 4096)
      result.probabilities += classify(
        ngrams.rows(shard, range), of: shard, from: start, threads: threads,
        adding: &result.metrics
      ).map { Float($0) }
    }
    return result
  }

  /// The logits of vectorized rows, x W, [rows, classes].
  package func logits(_ rows: CSRMatrix, threads: Int) -> [Double] {
    let classCount = summary.classNames.count
    var logits = [Double](repeating: 0, count: rows.count * classCount)
    rows.multiply(weights, columns: classCount, into: &logits, threads: threads)
    return logits
  }

  /// Classifies vectorized rows of a shard, from row `first` on, and adds their loss and accuracy to
  /// `metrics`.
  /// - Returns: the probabilities, [rows, classes].
  @discardableResult
  package func classify(
    _ rows: CSRMatrix, of shard: TokenShard, from first: Int = 0, threads: Int,
    adding metrics: inout BatchMetrics
  ) -> [Double] {
    let (classCount, output) = (summary.classNames.count, output)
    var values = logits(rows, threads: threads)
    for row in 0..<rows.count {
      let range = row * classCount..<(row + 1) * classCount
      let classes = shard.classes(of: first + row)
      let loss = output.apply(&values, range, classes: classes)
      // In single precision, in which the probabilities are returned.
      metrics =
        metrics
        + values[range].map { Float($0) }.withUnsafeBufferPointer {
          BatchMetrics($0, half: 0.5, output, classes: classes, loss: loss)
        }
    }
    return values
  }
}

extension LinearClassifier {
  /// Whether the tensors of its task are in the model file.
  var ownsTensors: Bool { summary.pool == nil || summary.pool == summary.name }

  /// The classifier for a task with the same class names in another order.
  package func assigned(to task: TaskClassifier) -> LinearClassifier {
    let names = summary.classNames
    guard names != task.classNames else {
      return LinearClassifier(summary: task, ngrams: ngrams, weights: weights)
    }
    let order = task.classNames.map { names.firstIndex(of: $0) ?? 0 }
    let columns = (0..<weights.count / max(names.count, 1)).flatMap { row in
      order.map { weights[row * names.count + $0] }
    }
    return LinearClassifier(summary: task, ngrams: ngrams, weights: columns)
  }
}
