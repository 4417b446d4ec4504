import DLNC
import Foundation
import Shards
import Support

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
  /// - Parameter data: the rows. If they say so, that penalty is then fitted again, to the training and
  ///   validation rows; the metrics are those of the first fit.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  init(
    _ data: TaskDataset, _ features: BagOfWordsFeatures = BagOfWordsFeatures(),
    penalties: [Double], keepBy: SelectionCriterion = .accuracy, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws {
    let dataset = TfidfDataset(data, features)
    let (fits, best) = try Self.fits(
      dataset, penalties: penalties, keepBy: keepBy, threads: threads, report: report)
    self = try Self.kept(
      fits[best], data.allRows, features, penalty: penalties[best], threads: threads)
    (summary.trials, summary.kept) = (fits.flatMap(\.summary.trials), best)
    calibrate(by: fits[best], dataset, threads: threads)
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
    return TaskClassifier.PenaltyFit(
      penalty: penalty, steps: steps, train: train, validation: validation,
      validationMacroF1: macroF1)
  }
}

extension LinearClassifier {
  /// The weights of all classes, [features + 1, classes], from one regression on the classes that have
  /// training rows or, in a multi-label task, from one on each label. A class without training rows gets
  /// zero weights and the intercept `absentClassLogit`, a label of all rows its negative.
  /// - Parameters:
  ///   - width: the number of features, with the intercept.
  ///   - count: the number of sets of weights that a fit has.
  ///   - fit: fits weights, [width, classes], to the class of each training row; the label that is fitted,
  ///     if any, and the number of classes follow.
  /// - Returns: the sets of weights and the number of steps, the largest of several; nil if a fit does not
  ///   converge.
  static func weights(
    of train: TokenShard, width: Int, sets count: Int = 1,
    absentClassLogit: Float = Self.absentClassLogit,
    fit: (_ targets: [Int], _ label: Int?, _ classCount: Int) -> (weights: [[Double]], steps: Int)?
  ) -> (weights: [[Float]], steps: Int)? {
    let counts = train.classCounts
    var intercepts = [Float](repeating: 0, count: width * counts.count)
    for (label, rows) in counts.enumerated() where rows == 0 {
      intercepts[(width - 1) * counts.count + label] = absentClassLogit
    }
    var result = (weights: [[Float]](repeating: intercepts, count: count), steps: 0)
    func store(
      _ value: (_ weights: [Double], _ row: Int) -> Double, _ weights: [[Double]], _ label: Int
    ) {
      for set in weights.indices {
        for row in 0..<width {
          result.weights[set][row * counts.count + label] = Float(value(weights[set], row))
        }
      }
    }
    guard let labelSets = train.labelSets else {
      let present = counts.indices.filter { counts[$0] > 0 }
      let targets = train.labels.map { present.firstIndex(of: Int($0)) ?? 0 }
      guard let fit = fit(targets, nil, present.count) else { return nil }
      for (column, label) in present.enumerated() {
        store({ $0[$1 * present.count + column] }, fit.weights, label)
      }
      return (result.weights, fit.steps)
    }
    for (label, rows) in counts.enumerated() where rows > 0 {
      guard rows < train.count else {
        for set in 0..<count {
          result.weights[set][(width - 1) * counts.count + label] = -absentClassLogit
        }
        continue
      }
      let targets = (0..<train.count).map { labelSets[$0].contains(Int32(label)) ? 1 : 0 }
      guard let fit = fit(targets, label, 2) else { return nil }
      store({ $0[2 * $1 + 1] - $0[2 * $1] }, fit.weights, label)
      result.steps = max(result.steps, fit.steps)
    }
    return result
  }
}
