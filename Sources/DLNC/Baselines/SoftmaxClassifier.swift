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
  /// The thresholds of a multi-label task; nil for a task that gives each row one class.
  public var labelThresholds: LabelThresholds?
}

/// A linear classifier of the n-grams of a task's rows: softmax(x W).
struct SoftmaxClassifier: Sendable {
  var summary: TaskClassifier
  /// Computes x from a row; the last column of x is 1.
  let ngrams: TfidfVectorizer
  /// W, [features + 1, classes]; the last row holds the intercepts.
  let weights: [Float]

  /// The logit of a class without training rows: its probability is 0 in single precision, but the
  /// cross-entropy of a row of that class is finite.
  static let absentClassLogit: Float = -200

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
        ngrams.rows(shard, range), labels: shard.labels[range], threads: threads,
        adding: &result.metrics
      ).map { Float($0) }
    }
    return result
  }

  /// The logits of vectorized rows, x W, [rows, classes].
  func logits(_ rows: CSRMatrix, threads: Int) -> [Double] {
    let classCount = summary.classNames.count
    var logits = [Double](repeating: 0, count: rows.count * classCount)
    rows.multiply(weights.map(Double.init), columns: classCount, into: &logits, threads: threads)
    return logits
  }

  /// Classifies vectorized rows and adds their loss and accuracy to `metrics`.
  /// - Returns: the probabilities, [rows, classes].
  @discardableResult
  func classify(
    _ rows: CSRMatrix, labels: some Sequence<Int32>, threads: Int,
    adding metrics: inout BatchMetrics
  ) -> [Double] {
    let classCount = summary.classNames.count
    var values = logits(rows, threads: threads)
    for (row, label) in labels.enumerated() {
      let range = row * classCount..<(row + 1) * classCount
      metrics.loss += softmax(&values, range, target: Int(label))
      // In single precision, in which the probabilities are returned.
      if argmax(values[range].map { Float($0) }, count: classCount) == Int(label) {
        metrics.correct += 1
      }
    }
    metrics.rows += rows.count
    return values
  }
}

extension SoftmaxClassifier {
  /// The majority class: no features, and the logarithms of the class frequencies as intercepts.
  init(majorityOf data: TaskDataset, threads: Int, report: (TaskClassifier.PenaltyFit) -> Void) {
    let shard = data.train
    let counts = shard.classNames.indices.map { label in shard.labels.count { Int($0) == label } }
    self.init(
      summary: TaskClassifier(name: shard.task, classNames: shard.classNames),
      ngrams: TfidfVectorizer(),
      weights: counts.map { count in
        count == 0 ? Self.absentClassLogit : Float(log(Double(count) / Double(shard.count)))
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
    summary.calibration = fits[best].calibration(dataset, threads: threads)
    summary.set(features)
  }

  /// A fit or, if there are further rows to learn from, the fit to all rows.
  /// - Throws: ``UserError`` with exit status `usage` if the fit does not converge.
  static func kept(
    _ fit: SoftmaxClassifier, _ all: TaskDataset?, _ features: BagOfWordsFeatures, penalty: Double,
    threads: Int
  ) throws -> SoftmaxClassifier {
    guard let all else { return fit }
    return try SoftmaxClassifier(TfidfDataset(all, features), penalty: penalty, threads: threads)
  }

  /// The fits with each of the penalties, and the index of the one that is best on the validation rows,
  /// as the best epoch of a network is selected.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  static func fits(
    _ dataset: TfidfDataset, penalties: [Double], keepBy: SelectionCriterion, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws -> (fits: [SoftmaxClassifier], best: Int) {
    let fits = try penalties.map { penalty in
      let fit = try SoftmaxClassifier(dataset, penalty: penalty, threads: threads)
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
    let (train, classNames) = (dataset.data.train, dataset.data.train.classNames)
    let present = classNames.indices.filter { train.labels.contains(Int32($0)) }
    let targets = train.labels.map { present.firstIndex(of: Int($0)) ?? 0 }
    let rowWeights = dataset.data.rowWeights
    let tolerance = tolerance ?? (dataset.ensemble == nil ? 1e-7 : 1e-4)
    let fit =
      if let ensemble = dataset.ensemble {
        ensemble.weights(
          targets, rowWeights: rowWeights, classCount: present.count, penalty: penalty,
          tolerance: tolerance, threads: threads)
      } else {
        SoftmaxRegression(
          dataset.train, transposed: dataset.transposedTrain ?? dataset.train.transposed,
          targets: targets, rowWeights: rowWeights, classCount: present.count,
          // For two classes scikit-learn has one weight d with the penalty |d|² / 2C. Our weights are
          // d/2 and -d/2, whose squares add up to |d|² / 2.
          penalty: present.count == 2 ? 2 * penalty : penalty, threads: threads
        ).minimum(tolerance: tolerance)
      }
    guard let fit else { throw Self.doesNotConverge(penalty, train.task) }
    self.init(
      summary: TaskClassifier(name: train.task, classNames: classNames), ngrams: dataset.ngrams,
      weights: Self.weights(
        fit.weights, width: dataset.train.width, of: present, in: classNames.count,
        absentClassLogit: absentClassLogit))
    summary.trials = [evaluate(dataset, penalty: penalty, steps: fit.steps, threads: threads)]
  }

  /// The weights of the classes that have training rows, as those of all classes.
  /// - Parameter width: the number of features, with the intercept.
  static func weights(
    _ weights: [Double], width: Int, of present: [Int], in classCount: Int,
    absentClassLogit: Float = Self.absentClassLogit
  ) -> [Float] {
    var result = [Float](repeating: 0, count: width * classCount)
    for label in 0..<classCount { result[result.count - 1 - label] = absentClassLogit }
    for (column, label) in present.enumerated() {
      for row in 0..<width {
        result[row * classCount + label] = Float(weights[row * present.count + column])
      }
    }
    return result
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
    classify(dataset.train, labels: dataset.data.train.labels, threads: threads, adding: &train)
    var macroF1: Double?
    if let rows = dataset.validation, let shard = dataset.data.validation {
      let probabilities = classify(
        rows, labels: shard.labels, threads: threads, adding: &validation
      ).map { Float($0) }
      macroF1 = DLNC.macroF1(
        probabilities, shard.labels, classCount: shard.classNames.count)
    }
    let hasValidation = validation.rows > 0
    return TaskClassifier.PenaltyFit(
      penalty: penalty, steps: steps, trainLoss: train.meanLoss, trainAccuracy: train.accuracy,
      validationLoss: hasValidation ? validation.meanLoss : nil,
      validationAccuracy: hasValidation ? validation.accuracy : nil,
      validationMacroF1: hasValidation ? macroF1 : nil)
  }
}
