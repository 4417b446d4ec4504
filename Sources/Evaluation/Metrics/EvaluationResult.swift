import DLNC
import Shards

/// The metrics of one model on one split of one task, over its seeds.
struct EvaluationResult: Sendable {
  /// The scores of one class, averaged over the seeds.
  struct ClassMetrics: Sendable {
    let className: String
    /// The number of rows of the class, summed over the seeds.
    let rows: Int
    /// The number of rows predicted as the class, summed over the seeds.
    let predicted: Int
    /// The mean over the seeds that predicted the class at all.
    let precision: Double?
    let recall: Double?
    let f1: Double?
    /// In a multi-label task, the probability from which on a row gets the label; nil in any other.
    let threshold: Double?
  }

  let variant: ModelVariant
  let task: EvaluationTask
  let split: Split
  let classNames: [String]
  /// The seeds in ascending order.
  let seeds: [Int]
  /// The number of rows of each seed; the smallest if they differ.
  let rows: Int
  /// The number of rows of all seeds.
  let totalRows: Int
  /// The measure of the task; nil if there are no rows or, in a multi-label task, no labels.
  let score: SeedStatistics?
  /// The fraction of rows with exactly the right labels in a multi-label task, as scikit-learn's
  /// `accuracy_score`; nil in any other.
  let subsetAccuracy: SeedStatistics?
  let macroF1: SeedStatistics?
  /// The measure of the best constant answer; nil as ``score``.
  let constantScore: Double?
  /// See ``AnyLabelAccuracy``; nil if no text has several labels.
  let anyLabelAccuracy: SeedStatistics?
  /// The highest accuracy that one prediction for each text can reach; nil as `anyLabelAccuracy`.
  let maxAccuracy: Double?
  let classes: [ClassMetrics]
  /// The sum of the confusion matrices of all seeds; without classes in a multi-label task.
  let confusion: ConfusionMatrix
  /// The calibration of the predictions of all seeds.
  let calibration: Calibration
  /// The expected calibration error without the temperatures; nil unless all models have one.
  let errorBefore: Double?
  /// The answers of all seeds by the confidence from which on a model answers; empty in a multi-label
  /// task.
  let coverage: CoverageCurve
  /// The accuracy in the paper, if it gives one.
  let paperAccuracy: Double?

  /// Summarizes runs that differ only in their seeds and rows; nil if there are none.
  init?(_ runs: [Predictions]) {
    let runs = runs.sorted { $0.seed < $1.seed }
    guard let first = runs.first else { return nil }
    (variant, task, split, classNames) = (first.variant, first.task, first.split, first.classNames)
    seeds = runs.map(\.seed)
    rows = runs.map(\.labels.count).min() ?? 0
    let counts = runs.map(\.correct).map { (correct: $0.count { $0 }, total: $0.count) }
    totalRows = counts.reduce(0) { $0 + $1.total }
    let proportion = SeedStatistics(counts: counts)
    if task.isMultiLabel {
      score = SeedStatistics(
        runs.compactMap(\.terms.score), single: runs.count == 1 ? .bootstrap(first) : nil)
      subsetAccuracy = proportion
    } else {
      (score, subsetAccuracy) = (proportion, nil)
    }
    constantScore = first.allOfBestConstant.terms.score
    let scores = runs.map(\.classScores)
    macroF1 = SeedStatistics(scores.compactMap(\.macroF1))
    let matches = runs.map(AnyLabelAccuracy.init).filter { $0.total > 0 }
    let isAmbiguous = matches.contains { $0.ambiguous > 0 }
    anyLabelAccuracy =
      isAmbiguous ? SeedStatistics(counts: matches.map { ($0.correct, $0.total) }) : nil
    maxAccuracy =
      isAmbiguous ? mean(matches.map { Double($0.maxCorrect) / Double($0.total) }) : nil
    classes = first.classNames.enumerated().map { index, name in
      let scores = scores.map { $0[index] }
      return ClassMetrics(
        className: name, rows: scores.reduce(0) { $0 + $1.actualCount },
        predicted: scores.reduce(0) { $0 + $1.predictedCount },
        precision: mean(scores.compactMap(\.precision)),
        recall: mean(scores.compactMap(\.recall)), f1: mean(scores.compactMap(\.f1)),
        threshold: mean(runs.compactMap { $0.labelPredictions?.thresholds[index] }))
    }
    let matrices = runs.map(ConfusionMatrix.init)
    confusion = matrices.dropFirst().reduce(into: matrices[0], +=)
    calibration = Calibration(runs)
    errorBefore =
      runs.allSatisfy(\.isCalibrated) ? Calibration(runs, uncalibrated: true).expectedError : nil
    let answered = task.isMultiLabel ? [] : runs
    coverage = CoverageCurve(
      confidences: answered.flatMap(\.confidences), correct: answered.flatMap(\.correct))
    paperAccuracy = PaperResult.find(variant, task)?.accuracy(on: split)
  }
}

extension EvaluationResult {
  /// Matrices and charts of more classes are not legible. Reports then list the most important ones.
  static let maxLegibleClasses = 20
  /// The number of classes and of confusions that a report then lists.
  static let listedClasses = 20

  /// Whether the classes are too many to show all of them.
  var hasManyClasses: Bool { classNames.count > Self.maxLegibleClasses }

  /// Whether the confusion matrix is shown.
  var showsConfusion: Bool { !hasManyClasses && !task.isMultiLabel }

  /// The classes that have rows, by ascending F1, then by descending number of rows.
  var worstClasses: [ClassMetrics] {
    classes.enumerated().filter { $0.element.rows > 0 }.sorted {
      (($0.element.f1 ?? 0), $1.element.rows, $0.offset)
        < (($1.element.f1 ?? 0), $0.element.rows, $1.offset)
    }.map(\.element)
  }

  /// On fewer rows, a good model can be worse than the most frequent class by chance.
  private static let fewestRows = 30

  /// The warning that a model is not better than a constant answer; nil if it is, or on few rows.
  var majorityWarning: String? {
    let isMajority = variant.name == ModelKind.baseline(.majority).rawValue
    guard !isMajority, rows >= Self.fewestRows, let score, let constantScore, constantScore < 1,
      // The mean of equal numbers can be off by a bit.
      score.mean <= constantScore + 1e-9
    else { return nil }
    return "\(task.title), \(variant.title): the \(split.rawValue) \(task.measure.rawValue) of "
      + "\(NumberFormat.percent(score.mean)) % is not above that of always predicting the "
      + (task.isMultiLabel ? "same labels" : "most frequent class") + ", "
      + "\(NumberFormat.percent(constantScore)) %; look at the warnings of "
      + "vocab and train, and at the labels"
  }
}

extension EvaluationResult {
  /// Whether the model is much worse on a class than by the measure of the task, and the class has less
  /// than half of the rows that it would have if all had the same number.
  /// - Parameter total: the sum of the rows of all classes.
  private func isNeglected(_ metrics: ClassMetrics, total: Int) -> Bool {
    metrics.rows >= CoverageCurve.fewestAnswers
      && metrics.rows * classNames.count * 2 < total
      && (metrics.f1 ?? 0) < (score?.mean ?? 0) - 0.2
  }

  /// The warning that the model is bad at rare classes; nil if it is not.
  var rareClassWarning: String? {
    let total = classes.reduce(0) { $0 + $1.rows }
    let rare = classes.filter { isNeglected($0, total: total) }
    if rare.isEmpty { return nil }
    let list = rare.prefix(3).map { metrics in
      let share = Double(metrics.rows) / Double(max(totalRows, 1))
      return
        "“\(metrics.className)” with \(NumberFormat.percent(share)) % of the rows has an F1 of "
        + "\(NumberFormat.percent(metrics.f1 ?? 0)) %"
    }
    let more = rare.count > 3 ? ", and \(rare.count - 3) other classes are like these" : ""
    return
      "\(task.title), \(variant.title): \(list.joined(separator: ", "))\(more); if rare classes "
      + "matter as much as others, train with --class-weights balanced"
  }
}

/// Accuracy for data in which one text can have several labels.
///
/// A tweet of EI-reg can be labelled angry and sad. It is then in the split once with each label, so
/// no single prediction is correct in all its rows. Here a prediction counts as correct if any row of
/// the same text has the predicted class.
struct AnyLabelAccuracy: Sendable, Equatable {
  let correct: Int
  let total: Int
  /// The number of rows whose text has more than one label.
  let ambiguous: Int
  /// The largest number of rows that one prediction for each text can get right in the strict sense:
  /// the rows of the most frequent class of each text.
  let maxCorrect: Int

  init(_ predictions: Predictions) {
    var counts: [Int: [Int: Int]] = [:]
    for (text, label) in zip(predictions.textIDs, predictions.labels) {
      counts[text, default: [:]][label, default: 0] += 1
    }
    let rows = zip(predictions.textIDs, predictions.predicted)
    correct = rows.count { text, predicted in counts[text]?[predicted] != nil }
    total = predictions.labels.count
    ambiguous = predictions.textIDs.count { text in (counts[text]?.count ?? 0) > 1 }
    maxCorrect = counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
  }
}
