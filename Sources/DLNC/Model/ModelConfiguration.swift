import Foundation
import Shards
import Support

/// The model variations of the paper, section "Model Variations".
public enum Variant: String, Codable, CaseIterable, Sendable {
  /// The proposed model: norms per task, a shared classification cell, a task embedding.
  case dlnc
  /// As `dlnc`, without the input of the classification cell.
  case noTaskEmbedding = "no-task-embedding"
  /// As `dlnc`, with a separate classification cell for each task.
  case separateCell = "separate-cell"
  /// As `dlnc`, without the classification cell: the encoder's h goes to the linear layer. It shows which
  /// of norms and classification cell a difference to `lstmLinear` comes from.
  case dlnLinear = "dln-linear"
  /// A plain LSTM whose final hidden state goes to the linear layer; one task.
  case lstmLinear = "lstm-linear"

  /// Whether the encoder and the classification cell are layer-normalised.
  public var isNormalized: Bool { self != .lstmLinear }
  /// Whether there is a classification cell between encoder and linear layer.
  public var hasClassificationCell: Bool { self != .lstmLinear && self != .dlnLinear }
  /// Whether the input of the classification cell is a task embedding.
  public var hasTaskEmbedding: Bool { self == .dlnc || self == .separateCell }
}

/// A linear layer that tasks with the same class names share.
public struct SharedHead: Codable, Hashable, Sendable {
  /// The first of the tasks that were trained with it.
  public var name: String
  /// The names of the classes in the order of its rows.
  public var classNames: [String]

  package init(name: String, classNames: [String]) {
    (self.name, self.classNames) = (name, classNames)
  }
}

/// A task of a network.
public struct TaskDescription: Codable, Equatable, Sendable {
  /// The name, as in the token shards.
  public var name: String
  /// The names of the classes, in the order of the labels.
  public var classNames: [String]
  /// Whether the task has its own classification cell, as with `separate-cell` and, by default, for
  /// tasks that were fine-tuned.
  public var ownCell: Bool
  /// The rows that the task was learned from, in the last stage that trained it.
  public var trainingData: TrainingDataDigest
  /// The other rows that earlier stages trained it on; nil without any.
  public var earlierTrainingData: [TrainingDataDigest]?
  /// The number of words that the task knows; later ones count as unknown, so that fine-tuning on
  /// another task leaves predictions as they are. Nil for all words of the vocabulary.
  public var vocabularySize: Int?
  /// The number of tokens after which the task's rows are truncated; nil for that of the last
  /// training.
  public var maximumLength: Int?
  /// Whether the task uses the gains and shifts that tasks share, in the encoder and in a shared
  /// classification cell; nil for private ones.
  public var sharesNorms: Bool?
  /// The linear layer that it shares with other tasks; nil for a private one.
  public var sharedHead: SharedHead?
  /// The temperature of its probabilities; nil for 1.
  public var calibration: TemperatureScaling?
  /// Why it is not calibrated, if validation rows are not like training rows.
  public var validationShift: ValidationShift?
  /// The thresholds of a multi-label task; nil for a task that gives each row one class.
  public var labelThresholds: LabelThresholds?

  /// A task.
  public init(
    name: String, classNames: [String], ownCell: Bool, trainingData: TrainingDataDigest
  ) {
    self.name = name
    self.classNames = classNames
    self.ownCell = ownCell
    self.trainingData = trainingData
  }

  /// Records the rows that a training has learned it from.
  package mutating func record(_ digest: TrainingDataDigest) {
    let others = (earlierTrainingData ?? []).filter { $0 != digest }
    (trainingData, earlierTrainingData) = (digest, others.isEmpty ? nil : others)
  }

  /// A task that is learned from some rows.
  package init(of shard: TokenShard, ownCell: Bool, _ trainingData: TrainingDataDigest) {
    self.init(
      name: shard.task, classNames: shard.classNames, ownCell: ownCell, trainingData: trainingData)
    if shard.isMultiLabel { labelThresholds = LabelThresholds(classCount: classNames.count) }
  }

  /// Whether a row can have any number of classes.
  public var isMultiLabel: Bool { labelThresholds != nil }

  /// For each class, its row in the shared linear layer; nil if they have the same order.
  package var headRows: [Int]? {
    guard let sharedHead, sharedHead.classNames != classNames else { return nil }
    return classNames.map { sharedHead.classNames.firstIndex(of: $0) ?? 0 }
  }
}

/// The configuration of a network: its sizes, and choices that the paper leaves open. The defaults are
/// those of the paper. For the dimension letters see `ParameterLayout`.
public struct ModelConfiguration: Codable, Equatable, Sendable {
  /// The variant of the paper's model.
  public var variant = Variant.dlnc
  /// H, the number of hidden units of the encoder and of the classification cell.
  public var hidden = 256
  /// I, the size of a word vector.
  public var input = 100
  /// E, the size of a task embedding.
  public var taskEmbedding = 32
  /// The number added to the variance in a layer norm.
  public var epsilon = 1e-5
  /// Whether each gate's H values are normalised separately instead of all 4H together.
  public var normPerGate = false
  /// Whether (3) applies tanh to the normalised cell state, as in Ba et al. 2016 and not in the paper.
  public var cellTanh = false
  /// Whether the classification cell starts from the encoder's h and c = 0.
  public var zeroInitialCell = false
  /// The initial value of the forget gate's part of the shift of h (or of the bias).
  public var forgetBias = 1.0
  /// The dropout rate of h before W_h.
  public var recurrentDropout = 0.3
  /// Whether all steps of a sequence have the same recurrent dropout mask.
  public var variationalDropout = false
  /// The dropout rate of the input of the linear layer.
  public var headDropout = 0.2
  /// The dropout rate of the input of the softmax.
  public var logitDropout = 0.1
  /// The n-gram layer; nil for a network without one.
  public var ngrams: NgramOptions?
  /// The input of the linear layer in addition to the h of the classification cell.
  public var pooling = Pooling.last
  /// V, the number of words among which a language model predicts the next one; nil for a classifier.
  /// The tasks of a language model are domains without classes.
  public var outputWords: Int?
  /// The tasks, in the order in which they were learned.
  public var tasks: [TaskDescription] = []

  /// The configuration of the paper, without tasks.
  public init() {}

  /// The defaults for pretraining an encoder: there is so much text that little dropout is enough.
  public static var pretraining: ModelConfiguration {
    var result = ModelConfiguration()
    (result.recurrentDropout, result.variationalDropout) = (0.1, true)
    return result
  }

  /// The number of norms over the 4H gates; 0 without norms.
  package var groups: Int { variant.isNormalized ? (normPerGate ? 4 : 1) : 0 }

  /// F, the number of inputs of the linear layer.
  package var headWidth: Int { hidden * pooling.parts }

  /// The task of this name, or nil.
  public func task(_ name: String) -> TaskDescription? { tasks.first { $0.name == name } }
}

extension ModelConfiguration {
  /// The maximum of all sizes.
  public static let largestSize = 1 << 16

  /// Checks sizes and rates, before memory is allocated.
  /// - Throws: ``UserError`` with exit status `data`.
  package func check(at location: String) throws {
    for (name, size) in [
      ("hidden", hidden), ("input", input), ("task embedding", taskEmbedding),
    ] where !(1...Self.largestSize).contains(size) {
      throw invalid("\(name) of \(size)", "a size from 1 to \(Self.largestSize)", location)
    }
    for (name, rate) in [
      ("recurrent dropout", recurrentDropout), ("head dropout", headDropout),
      ("logit dropout", logitDropout), ("n-gram dropout", ngrams?.dropout ?? 0),
    ] where !(rate >= 0 && rate < 1) {
      throw invalid("\(name) of \(rate)", "a rate from 0 to below 1", location)
    }
    guard epsilon > 0, epsilon.isFinite, forgetBias.isFinite else {
      throw invalid(
        "epsilon \(epsilon), forget bias \(forgetBias)", "finite numbers, epsilon above 0", location
      )
    }
    if let outputWords {
      guard (1...Int(Int32.max)).contains(outputWords), variant.isNormalized, pooling == .last,
        ngrams == nil
      else {
        throw invalid("\(outputWords) output words", "the language model of a DLN-LSTM", location)
      }
    }
    try checkTasks(
      tasks.map { ($0.name, $0.classNames) }, haveClasses: outputWords == nil, at: location)
    let heads = tasks.compactMap(\.sharedHead)
    try checkTasks(heads.unique.map { ($0.name, $0.classNames) }, at: location)
    if let task = tasks.first(where: { task in
      task.sharedHead.map { $0.classNames.sorted() != task.classNames.sorted() } ?? false
    }) {
      throw invalid(
        "task “\(task.name)” shares a linear layer of other classes", "its classes", location)
    }
    for task in tasks {
      try task.calibration?.check(of: task.name, at: location)
      try task.labelThresholds?.check(of: task.name, task.classNames, at: location)
      for (name, size) in [("words", task.vocabularySize), ("tokens", task.maximumLength)] {
        if let size, size < 1 {
          throw invalid("task “\(task.name)” with \(size) \(name)", "1 or more", location)
        }
      }
    }
  }

  /// Checks that the memory of this machine is enough to train the network; without this check,
  /// the allocation would crash.
  /// - Parameters:
  ///   - vectors: the number of elements of the word vectors.
  ///   - averages: whether moving averages are kept.
  /// - Throws: ``UserError`` with exit status `usage`.
  package func checkMemory(vectors: Int, averages: Bool) throws {
    // Values, the best values, gradients, two moments of Adam, and averages.
    let copies = averages ? 6 : 5
    let numbers = ParameterLayout(self).size + vectors
    let needed = copies * numbers * MemoryLayout<Float>.stride
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard needed > memory else { return }
    throw UserError(
      .usage, at: "--hidden \(hidden)",
      problem: "a network of \(NumberFormat.grouped(numbers)) numbers, which takes "
        + "\(NumberFormat.bytes(needed)) to train",
      expected: "no more than the memory of this machine, \(NumberFormat.bytes(memory))",
      hint: "use fewer hidden units")
  }
}

/// Checks the names of tasks and the numbers of their classes.
/// - Throws: ``UserError`` with exit status `data`.
package func checkTasks(
  _ tasks: [(name: String, classNames: [String])], haveClasses: Bool = true, at location: String
) throws {
  guard Set(tasks.map(\.name)).count == tasks.count else {
    throw invalid("two tasks of one name", "each task once", location)
  }
  for task in tasks {
    let allowed = haveClasses ? 1...1 << 16 : 0...0
    guard allowed.contains(task.classNames.count) else {
      throw invalid(
        "task “\(task.name)” with \(task.classNames.count) classes",
        "\(allowed.lowerBound) to \(allowed.upperBound)", location)
    }
    guard !task.name.isEmpty, !task.name.contains(where: { ".\0/".contains($0) }) else {
      throw invalid("task “\(task.name)”", "a name without “.” and “/”", location)
    }
  }
}

private func invalid(_ problem: String, _ expected: String, _ location: String) -> UserError {
  UserError(.data, at: "\(location): configuration", problem: problem, expected: expected)
}
