import Shards
import Tokenization

/// A simple model to compare networks with.
public enum Baseline: String, Codable, CaseIterable, Sendable {
  /// Always predicts the most frequent class of the training rows; the probabilities are the class
  /// frequencies.
  case majority
  /// A linear classifier of the unigrams and bigrams of a row.
  case bagOfWords = "bag-of-words"
}

/// A baseline model: for each task an independent linear classifier of the row's unigrams and bigrams.
/// The majority class is the case without features, in which the softmax of the intercepts gives the
/// class frequencies.
public struct LinearModel: Classifier, Sendable {
  /// The baseline.
  public let baseline: Baseline
  /// The vocabulary, with the tokenizer.
  public let vocabulary: Vocabulary
  /// The seed of the run, which has no effect: fits are deterministic.
  public let seed: Int

  let classifiers: [LinearClassifier]

  package init(
    baseline: Baseline, vocabulary: Vocabulary, seed: Int, classifiers: [LinearClassifier]
  ) {
    (self.baseline, self.vocabulary) = (baseline, vocabulary)
    (self.seed, self.classifiers) = (seed, classifiers)
  }

  /// The kind of the model.
  public var kind: ModelKind { .baseline(baseline) }
  /// The stage that trains baselines.
  public var stage: String { "train" }
  /// The names of all tasks.
  public var knownTasks: [String] { classifiers.map(\.summary.name) }
  /// The names of all tasks: they are learned in one stage.
  public var learnedTasks: [String] { knownTasks }
  /// Always nil: a fit has no epochs.
  public var curve: LearningCurve? { nil }
  /// All tasks with their fits.
  public var tasks: [TaskClassifier] { classifiers.map(\.summary) }
  /// The number of features of each task: words, pairs of words and character n-grams.
  public var features: [Int] { classifiers.map(\.ngrams.count) }
  /// The number of parameters.
  public var parameterCount: Int {
    classifiers.filter(\.ownsTensors).reduce(0) { $0 + $1.weights.count }
  }

  /// The names of a task's classes, or nil if the model does not have the task.
  public func classNames(of task: String) -> [String]? {
    classifiers.first { $0.summary.name == task }?.summary.classNames
  }

  /// The rows that a task was trained on, or nil if the model does not have the task.
  public func trainingData(of task: String) -> TrainingDataDigest? {
    classifiers.first { $0.summary.name == task }?.summary.trainingData
  }

  /// The temperature of a task's probabilities; nil if the task is unknown or not calibrated.
  public func calibration(of task: String) -> TemperatureScaling? {
    classifiers.first { $0.summary.name == task }?.summary.calibration
  }

  /// Why a task is not calibrated, if its validation rows are not like its training rows.
  public func validationShift(of task: String) -> ValidationShift? {
    classifiers.first { $0.summary.name == task }?.summary.validationShift
  }

  /// The thresholds of a multi-label task; nil for any other.
  public func labelThresholds(of task: String) -> LabelThresholds? {
    classifiers.first { $0.summary.name == task }?.summary.labelThresholds
  }

  /// The probabilities of the classes for each row of a shard without temperature, [rows, classes], and
  /// the mean cross-entropy. Rows are not truncated.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `data` if the model does not have the shard's task and
  ///   classes.
  public func classifyUncalibrated(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double) {
    try check(shard)
    guard let classifier = classifiers.first(where: { $0.summary.name == shard.task }) else {
      return ([], 0)
    }
    if classifier.summary.characters != nil { try shard.requireUnknownWords() }
    let (probabilities, metrics) = classifier.predict(shard, threads: threads)
    return (probabilities, metrics.meanLoss)
  }
}
