import Foundation
import Support

extension LinearModel {
  /// The strengths among which the validation rows choose, the strongest first.
  public static let penalties = [3, 1, 0.3, 0.1, 0.03, 0.01]

  /// Fits a baseline to each of the given tasks of a lexicon by itself.
  /// - Parameters:
  ///   - penalty: the strength of the penalty, scikit-learn's 1 / C; nothing to let each task's
  ///     validation rows choose among ``penalties``.
  ///   - threads: how many to use; changes no byte.
  ///   - report: is told of each fit: the task and what it gave.
  /// - Throws: ``UserError`` of kind `noInput`, `data` or `usage`.
  public static func train(
    _ baseline: Baseline, tasks: [String], lexicon: TokenizedDataset, penalty: Double?, seed: Int,
    threads: Int, report: (String, TaskClassifier.PenaltyFit) -> Void
  ) throws -> LinearModel {
    let data = try tasks.map { try lexicon.data(for: $0) }
    try checkTasks(data.map { ($0.train.task, $0.train.classNames) }, at: lexicon.path)
    let heads = try data.map { data in
      var head: SoftmaxClassifier
      switch baseline {
      case .majority:
        head = SoftmaxClassifier(majorityOf: data, threads: threads) { report(data.train.task, $0) }
      case .bagOfWords:
        guard penalty != nil || data.validation != nil else { throw nothingToChooseBy(data) }
        head = try SoftmaxClassifier(
          data, penalties: penalty.map { [$0] } ?? penalties, threads: threads
        ) { report(data.train.task, $0) }
      }
      head.summary.trainingData = try TrainingDataDigest(data.train)
      return head
    }
    return LinearModel(baseline: baseline, words: lexicon.words, seed: seed, heads: heads)
  }

  private static func nothingToChooseBy(_ data: TaskDataset) -> UserError {
    UserError(
      .noInput, at: "the task “\(data.train.task)”", problem: "no validation rows",
      expected: "some to choose the strength of the penalty by", hint: "give --penalty")
  }
}

extension SoftmaxClassifier {
  /// Only intercepts: the logarithms of the classes' shares.
  init(majorityOf data: TaskDataset, threads: Int, report: (TaskClassifier.PenaltyFit) -> Void) {
    let shard = data.train
    let counts = shard.classNames.indices.map { label in shard.labels.count { Int($0) == label } }
    self.init(
      summary: TaskClassifier(name: shard.task, classNames: shard.classNames),
      ngrams: TfidfVectorizer(),
      weights: counts.map { count in
        count == 0 ? Self.never : Float(log(Double(count) / Double(shard.count)))
      })
    let trial = trial(nil, steps: 0, TfidfDataset(data, ngrams), threads: threads)
    summary.trials = [trial]
    report(trial)
  }

  /// Words and pairs: of the fits with each of `penalties` the one that is best on validation data
  /// by accuracy, and by loss among equals, as networks keep their best epoch.
  init(
    _ data: TaskDataset, penalties: [Double], threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws {
    let samples = TfidfDataset(data)
    let heads = try penalties.map { penalty in
      let head = try SoftmaxClassifier(samples, penalty: penalty, threads: threads)
      head.summary.trials.forEach(report)
      return head
    }
    let trials = heads.flatMap(\.summary.trials)
    let kept = trials.indices.dropFirst().reduce(0) {
      trials[$1].improves(on: trials[$0]) ? $1 : $0
    }
    self = heads[kept]
    (summary.trials, summary.kept) = (trials, kept)
  }

  /// The fit with one strength of the penalty. Only classes that training rows have take part; the
  /// others get no weight and `never` for an intercept.
  /// - Parameter tolerance: how far the gradient must fall, as a share of what it was at the start.
  init(
    _ samples: TfidfDataset, penalty: Double, tolerance: Double = 1e-7, never: Float = Self.never,
    threads: Int
  ) throws {
    let (train, classNames) = (samples.data.train, samples.data.train.classNames)
    let present = classNames.indices.filter { train.labels.contains(Int32($0)) }
    let regression = SoftmaxRegression(
      samples.train, transposed: samples.columns,
      targets: train.labels.map { present.firstIndex(of: Int($0)) ?? 0 }, classCount: present.count,
      // Of two classes scikit-learn penalises the difference d of our weights as |d|² / 2C; ours
      // are d/2 and -d/2, whose squares add up to |d|² / 2.
      penalty: present.count == 2 ? 2 * penalty : penalty, threads: threads)
    guard let fit = regression.minimum(tolerance: tolerance) else {
      throw UserError(
        .usage, at: "--penalty \(penalty), task “\(train.task)”",
        problem: "a fit that does not end",
        expected: "a strength that keeps weights small", hint: "give a larger --penalty")
    }
    var weights = [Float](repeating: 0, count: samples.train.width * classNames.count)
    for label in classNames.indices { weights[weights.count - classNames.count + label] = never }
    for (place, label) in present.enumerated() {
      for row in 0..<samples.train.width {
        weights[row * classNames.count + label] = Float(fit.weights[row * present.count + place])
      }
    }
    self.init(
      summary: TaskClassifier(name: train.task, classNames: classNames), ngrams: samples.ngrams,
      weights: weights)
    summary.trials = [trial(penalty, steps: fit.steps, samples, threads: threads)]
  }

  private func trial(
    _ penalty: Double?, steps: Int, _ samples: TfidfDataset, threads: Int
  ) -> TaskClassifier.PenaltyFit {
    var (train, validation) = (BatchMetrics(), BatchMetrics())
    classify(samples.train, targets: samples.data.train.labels, into: &train, threads: threads)
    if let rows = samples.validation, let shard = samples.data.validation {
      classify(rows, targets: shard.labels, into: &validation, threads: threads)
    }
    return TaskClassifier.PenaltyFit(
      penalty: penalty, steps: steps, trainLoss: train.loss, trainAccuracy: train.accuracy,
      validationLoss: validation.rows > 0 ? validation.loss : nil,
      validationAccuracy: validation.rows > 0 ? validation.accuracy : nil)
  }
}

extension TaskClassifier.PenaltyFit {
  /// Whether it is better on validation data than `other`.
  fileprivate func improves(on other: TaskClassifier.PenaltyFit) -> Bool {
    (validationAccuracy ?? 0, -(validationLoss ?? 0))
      > (other.validationAccuracy ?? 0, -(other.validationLoss ?? 0))
  }
}

/// A task's rows as n-grams, made once for all fits.
struct TfidfDataset {
  let data: TaskDataset
  let ngrams: TfidfVectorizer
  let train: CSRMatrix
  let columns: CSRMatrix
  let validation: CSRMatrix?

  /// The rows as `ngrams`; by default those of the training rows.
  init(_ data: TaskDataset, _ ngrams: TfidfVectorizer? = nil) {
    let ngrams = ngrams ?? TfidfVectorizer(data.train)

    (self.data, self.ngrams) = (data, ngrams)
    train = ngrams.rows(data.train, 0..<data.train.count)
    columns = train.transposed
    validation = data.validation.map { ngrams.rows($0, 0..<$0.count) }
  }
}
