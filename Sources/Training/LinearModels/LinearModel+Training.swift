import DLNC
import Shards
import Tokenization

extension LinearModel {
  /// Fits a baseline to each of the given tasks of a dataset.
  /// - Parameters:
  ///   - settings: how the bag of words is fitted.
  ///   - pools: whether a bag of words is fitted to the rows of all tasks with the same classes; see
  ///     ``LinearClassifier/pooled(_:_:penalties:keepBy:threads:report:)``.
  ///   - ownPenaltyRatio: if given, such tasks share a part of the weights instead; see
  ///     ``SharedWeights``.
  ///   - penalty: the strength of the penalty, 1 / C in scikit-learn; nil to select the best of
  ///     ``NgramWeights/penalties`` on each task's validation rows, or for
  ///     ``NgramWeights/defaultPenalty`` without any.
  ///   - threads: the number of threads; does not change the result.
  ///   - report: called after each fit with the task and the fit.
  /// - Throws: ``UserError`` with exit status `noInput`, `data` or `usage`.
  public static func train(
    _ baseline: Baseline, tasks: [String], lexicon: TokenizedDataset,
    settings: BagOfWordsSettings = BagOfWordsSettings(), pools: Bool = false,
    ownPenaltyRatio: Double? = nil, penalty: Double?, seed: Int, threads: Int,
    report: (String, TaskClassifier.PenaltyFit) -> Void
  ) throws -> LinearModel {
    var data = try tasks.map { try lexicon.data(for: $0, settings.classWeights) }
    try settings.classWeights?.check(data)
    try checkTasks(data.map { ($0.train.task, $0.train.classNames) }, at: lexicon.path)
    if baseline == .bagOfWords {
      data = try data.map {
        try $0.comparingSplits(fitsValidationRows: settings.fitsValidationRows, threads: threads)
      }
    }
    let features = try lexicon.features(settings.weights, settings.characters, for: data)
    var classifiers =
      if pools || ownPenaltyRatio != nil, baseline == .bagOfWords {
        try pooled(
          data, of: lexicon, features, penalty, ratio: ownPenaltyRatio, settings,
          threads: threads, report: report)
      } else {
        try data.map { data in
          try classifier(
            baseline, data, features, settings, penalty, threads: threads
          ) { report(data.train.task, $0) }
        }
      }
    for index in classifiers.indices where !settings.calibrates {
      classifiers[index].summary.removeCalibration()
    }
    return LinearModel(
      baseline: baseline, vocabulary: lexicon.vocabulary, seed: seed, classifiers: classifiers)
  }

  /// The classifier of a task that is fitted to its rows alone.
  private static func classifier(
    _ baseline: Baseline, _ data: TaskDataset, _ features: BagOfWordsFeatures,
    _ settings: BagOfWordsSettings, _ penalty: Double?, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws -> LinearClassifier {
    var result: LinearClassifier
    switch baseline {
    case .majority:
      result = LinearClassifier(majorityOf: data, threads: threads, report: report)
    case .bagOfWords:
      let candidates =
        data.validation == nil ? [settings.weights.defaultPenalty] : settings.weights.penalties
      result = try LinearClassifier(
        data, features, penalties: penalty.map { [$0] } ?? candidates,
        keepBy: settings.keepBy, threads: threads, report: report)
    }
    result.summary.trainingData = try data.digest
    return result
  }
}
