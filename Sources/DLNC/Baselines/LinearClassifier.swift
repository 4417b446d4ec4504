import Foundation
import Safetensors
import Shards
import Support
import Tokenization

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

    /// Whether it is better on validation data than `other`.
    func improves(on other: PenaltyFit, by criterion: SelectionCriterion) -> Bool {
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
  /// if it shares no part; see ``SharedWeights``.
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
  init(of shard: TokenShard) {
    self.init(name: shard.task, classNames: shard.classNames)
    if shard.isMultiLabel { labelThresholds = LabelThresholds(classCount: classNames.count) }
  }

  /// Removes the temperature without a change of the labels that rows get.
  mutating func removeCalibration() {
    guard let calibration else { return }
    labelThresholds = labelThresholds?.without(calibration)
    self.calibration = nil
  }
}

/// A linear classifier of the n-grams of a task's rows: softmax(x W) or, in a multi-label task,
/// sigmoid(x W).
package struct LinearClassifier: Sendable {
  package internal(set) var summary: TaskClassifier
  /// Computes x from a row; the last column of x is 1.
  package internal(set) var ngrams: TfidfVectorizer
  /// W, [features + 1, classes]; the last row holds the intercepts.
  package let weights: [Float]

  /// The logit of a class without training rows: its probability is 0 in single precision, but the
  /// cross-entropy of a row of that class is finite.
  static let absentClassLogit: Float = -200

  private var output: OutputFunction {
    OutputFunction(isMultiLabel: summary.labelThresholds != nil)
  }

  /// Classifies all rows of a shard with the classifier's classes. Rows are not truncated.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Returns: the probabilities, [rows, classes], and the metrics.
  func predict(
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
  func logits(_ rows: CSRMatrix, threads: Int) -> [Double] {
    let classCount = summary.classNames.count
    var logits = [Double](repeating: 0, count: rows.count * classCount)
    rows.multiply(weights, columns: classCount, into: &logits, threads: threads)
    return logits
  }

  /// Classifies vectorized rows of a shard, from row `first` on, and adds their loss and accuracy to
  /// `metrics`.
  /// - Returns: the probabilities, [rows, classes].
  @discardableResult
  func classify(
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
  /// The majority class: no features, and the logarithms of the class frequencies as intercepts or, in a
  /// multi-label task, those of the odds of each label.
  init(majorityOf data: TaskDataset, threads: Int, report: (TaskClassifier.PenaltyFit) -> Void) {
    let shard = data.train
    self.init(
      summary: TaskClassifier(of: shard), ngrams: TfidfVectorizer(),
      weights: shard.classCounts.map { count in
        let others = shard.isMultiLabel ? shard.count - count : shard.count
        if count == 0 { return Self.absentClassLogit }
        return others == 0 ? -Self.absentClassLogit : Float(log(Double(count) / Double(others)))
      })
    let trial = evaluate(TfidfDataset(data, ngrams), penalty: nil, steps: 0, threads: threads)
    summary.trials = [trial]
    report(trial)
  }

  /// The fit among `penalties` that is best on the validation rows.
  /// - Parameter fitsValidationRows: whether that penalty is then fitted again, to the training and
  ///   validation rows; the metrics are those of the first fit.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  init(
    _ data: TaskDataset, _ features: BagOfWordsFeatures = BagOfWordsFeatures(),
    penalties: [Double], fitsValidationRows: Bool = false,
    keepBy: SelectionCriterion = .accuracy, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws {
    let dataset = TfidfDataset(data, features)
    let (fits, best) = try Self.fits(
      dataset, penalties: penalties, keepBy: keepBy, threads: threads, report: report)
    self = try Self.kept(
      fits[best], fitsValidationRows ? data.withoutValidation : nil, features,
      penalty: penalties[best], threads: threads)
    (summary.trials, summary.kept) = (fits.flatMap(\.summary.trials), best)
    try calibrate(by: fits[best], dataset, threads: threads)
    summary.set(features)
  }

  /// A fit or, if there are further rows to learn from, the fit to all rows.
  /// - Throws: ``UserError`` with exit status `usage` if the fit does not converge.
  static func kept(
    _ fit: LinearClassifier, _ all: TaskDataset?, _ features: BagOfWordsFeatures, penalty: Double,
    threads: Int
  ) throws -> LinearClassifier {
    guard let all else { return fit }
    return try LinearClassifier(TfidfDataset(all, features), penalty: penalty, threads: threads)
  }

  /// The fits with each of the penalties, and the index of the one that is best on the validation rows,
  /// as the best epoch of a network is selected.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  static func fits(
    _ dataset: TfidfDataset, penalties: [Double], keepBy: SelectionCriterion, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws -> (fits: [LinearClassifier], best: Int) {
    let fits = try penalties.map { penalty in
      let fit = try LinearClassifier(dataset, penalty: penalty, threads: threads)
      fit.summary.trials.forEach(report)
      return fit
    }
    let trials = fits.flatMap(\.summary.trials)
    let best = trials.indices.dropFirst().reduce(0) {
      trials[$1].improves(on: trials[$0], by: keepBy) ? $1 : $0
    }
    return (fits, best)
  }

  /// The fit with one penalty. Classes without training rows get zero weights and the intercept
  /// `absentClassLogit`.
  /// - Parameter tolerance: see ``SoftmaxRegression/minimum(tolerance:limit:)``. By default, that of the
  ///   ensemble, which has many more features, is larger; further steps change no prediction.
  /// - Throws: ``UserError`` with exit status `usage` if the fit does not converge.
  init(
    _ dataset: TfidfDataset, penalty: Double, tolerance: Double? = nil,
    absentClassLogit: Float = Self.absentClassLogit, threads: Int
  ) throws {
    let (train, width) = (dataset.data.train, dataset.train.width)
    let fit = Self.weights(of: train, width: width, absentClassLogit: absentClassLogit) {
      dataset.fit(
        $0, rowWeights: dataset.data.rowWeights(label: $1), classCount: $2, penalty: penalty,
        tolerance: tolerance ?? (dataset.ensemble == nil ? 1e-7 : 1e-4), threads: threads
      ).map { ([$0.weights], $0.steps) }
    }
    guard let fit else { throw Self.doesNotConverge(penalty, train.task) }
    self.init(
      summary: TaskClassifier(of: train), ngrams: dataset.ngrams, weights: fit.weights[0])
    summary.trials = [evaluate(dataset, penalty: penalty, steps: fit.steps, threads: threads)]
  }

  static func doesNotConverge(_ penalty: Double, _ task: String) -> UserError {
    UserError(
      .usage, at: "--penalty \(penalty), task “\(task)”", problem: "the fit does not converge",
      expected: "a penalty that keeps weights small", hint: "give a larger --penalty")
  }

  func evaluate(
    _ dataset: TfidfDataset, penalty: Double?, steps: Int, threads: Int
  ) -> TaskClassifier.PenaltyFit {
    var (train, validation) = (BatchMetrics(), BatchMetrics())
    classify(dataset.train, of: dataset.data.train, threads: threads, adding: &train)
    var macroF1: Double?
    if let rows = dataset.validation, let shard = dataset.data.validation {
      let probabilities = classify(rows, of: shard, threads: threads, adding: &validation)
      macroF1 = DLNC.macroF1(probabilities.map { Float($0) }, shard)
    }
    let hasValidation = validation.rows > 0
    return TaskClassifier.PenaltyFit(
      penalty: penalty, steps: steps, trainLoss: train.meanLoss, trainAccuracy: train.accuracy,
      validationLoss: hasValidation ? validation.meanLoss : nil,
      validationAccuracy: hasValidation ? validation.accuracy : nil,
      validationMacroF1: hasValidation ? macroF1 : nil)
  }
}
