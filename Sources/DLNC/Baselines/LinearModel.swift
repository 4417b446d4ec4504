import Shards
import Support

/// One task of a linear model: what it is called, and which strength of penalty was chosen for it.
public struct TaskClassifier: Codable, Equatable, Sendable {
  /// One fit and what it gave.
  public struct PenaltyFit: Codable, Equatable, Sendable {
    /// The strength of the penalty; nothing if there is nothing to penalise.
    public var penalty: Double?
    /// How many steps of Newton's method the fit took.
    public var steps: Int
    /// Mean cross-entropy on the training rows.
    public var trainLoss: Double
    /// Share of them classified rightly.
    public var trainAccuracy: Double
    /// Mean cross-entropy on the validation rows; nothing if there are none.
    public var validationLoss: Double?
    /// Share of them classified rightly.
    public var validationAccuracy: Double?
  }

  /// The name of the task.
  public var name: String
  /// The names of the classes.
  public var classNames: [String]
  /// What was tried, the strongest penalty first.
  public var trials: [PenaltyFit] = []
  /// Which of the trials was kept, an index into `trials`.
  public var kept = 0
  /// The rows that it was learned from.
  public var trainingData: TrainingDataDigest?
}

/// A simple model to measure networks against: for each task by itself a linear classifier on the
/// words and pairs of words of a row. The majority class is the case without any words: only the
/// intercepts are left, and their softmax is the classes' shares.
public struct LinearModel: Classifier, Sendable {
  /// Which baseline it is.
  public let baseline: Baseline
  /// The words and how text becomes words.
  public let words: WordList
  /// The seed that the run was given. Nothing is drawn, so it shapes no number.
  public let seed: Int

  let heads: [SoftmaxClassifier]

  /// Its kind.
  public var kind: ModelKind { .baseline(baseline) }
  /// A linear model knows one stage only.
  public var stage: String { "train" }
  /// All its tasks.
  public var knownTasks: [String] { heads.map(\.summary.name) }
  /// All its tasks: they are learned in one stage.
  public var learnedTasks: [String] { knownTasks }
  /// A fit has no epochs.
  public var curve: LearningCurve? { nil }
  /// Its tasks, and how the strength of each task's penalty was chosen.
  public var tasks: [TaskClassifier] { heads.map(\.summary) }
  /// How many words and pairs each task has a weight for.
  public var features: [Int] { heads.map(\.ngrams.count) }
  /// How many numbers were learned.
  public var parameterCount: Int { heads.reduce(0) { $0 + $1.weights.count } }

  /// The names of a task's classes, or nothing if the model does not know the task.
  public func classNames(of task: String) -> [String]? {
    heads.first { $0.summary.name == task }?.summary.classNames
  }

  /// The rows that a task was learned from, or nil if the model does not know the task.
  public func trainingData(of task: String) -> TrainingDataDigest? {
    heads.first { $0.summary.name == task }?.summary.trainingData
  }

  /// The probabilities of the classes for each row of a shard, row-major [rows, classes], and the
  /// mean cross-entropy. Rows are never cut.
  /// - Parameter threads: how many to use; changes no byte of the result.
  /// - Throws: ``UserError`` of kind `data` if the model does not know the shard's task and classes.
  public func classify(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double) {
    try check(shard)
    let head = heads.first { $0.summary.name == shard.task }
    let outcome = head?.predict(shard, threads: threads) ?? .init()
    return (outcome.probabilities, outcome.loss)
  }
}
