/// The model variations of the paper, section "Model Variations".
public enum Variant: String, Codable, CaseIterable, Sendable {
  /// The proposed model: norms per task, shared classification cell, task embedding.
  case dlnc
  /// As `dlnc`, without the input of the classification cell.
  case noTaskEmbedding = "no-task-embedding"
  /// As `dlnc`, with a whole classification cell for each task.
  case separateCell = "separate-cell"
  /// A plain LSTM whose last hidden vector goes to the linear layer; one task.
  case lstmLinear = "lstm-linear"

  /// Whether the encoder and the classification cell are layer-normalised.
  public var isNormalized: Bool { self != .lstmLinear }
  /// Whether there is a classification cell between encoder and linear layer.
  public var hasClassificationCell: Bool { self != .lstmLinear }
  /// Whether the classification cell gets a task embedding.
  public var hasTaskEmbedding: Bool { self == .dlnc || self == .separateCell }
}

/// A task: its name and the names of its classes.
public struct TaskDescription: Codable, Equatable, Sendable {
  /// The name, as in the token shards.
  public var name: String
  /// The names of the classes, in the order of their numbers.
  public var classNames: [String]
  /// Whether the task has a classification cell of its own, as with `separate-cell`, and as every
  /// task that was added by fine-tuning has.
  public var ownCell: Bool
  /// The rows that the task was learned from.
  public var trainingData: TrainingDataDigest

  /// A task.
  public init(
    name: String, classNames: [String], ownCell: Bool, trainingData: TrainingDataDigest
  ) {
    self.name = name
    self.classNames = classNames
    self.ownCell = ownCell
    self.trainingData = trainingData
  }
}

/// What makes a network: the sizes and the readings of the paper. The paper's values are defaults.
public struct ModelConfiguration: Codable, Equatable, Sendable {
  /// Which of the paper's models.
  public var variant = Variant.dlnc
  /// H, the hidden units of the encoder and of the classification cell.
  public var hidden = 256
  /// I, the size of a word vector.
  public var input = 100
  /// E, the size of a task embedding.
  public var taskEmbedding = 32
  /// Added to the variance inside a layer norm's square root.
  public var epsilon = 1e-5
  /// Whether each gate's H values are normalised by themselves rather than all 4H together.
  public var normPerGate = false
  /// Whether (3) takes tanh of the normalised cell, as Ba et al. do and the paper does not.
  public var cellTanh = false
  /// Whether the classification cell starts from the encoder's h alone, with c = 0.
  public var zeroInitialCell = false
  /// Where the forget part of the shift of h (or of the bias) starts.
  public var forgetBias = 1.0
  /// Dropout on h before W_h.
  public var recurrentDropout = 0.3
  /// Whether one recurrent mask serves all steps of a sequence rather than a fresh one each.
  public var variationalDropout = false
  /// Dropout on the input of the linear layer.
  public var headDropout = 0.2
  /// Dropout on the input of the softmax.
  public var logitDropout = 0.1
  /// The n-gram layer; nil for a network without one.
  public var ngrams: NgramOptions?
  /// What the linear layer gets of the encoder beside the classification cell's h.
  public var pooling = Pooling.last
  /// The tasks, in the order in which they were learned.
  public var tasks: [TaskDescription] = []

  /// The paper's configuration, with no task yet.
  public init() {}

  /// How many groups share a norm of 4H values; 0 means no norm.
  var groups: Int { variant.isNormalized ? (normPerGate ? 4 : 1) : 0 }

  /// How many numbers the linear layer gets of a row.
  var headWidth: Int { hidden * pooling.parts }

  /// The task of this name.
  public func task(_ name: String) -> TaskDescription? { tasks.first { $0.name == name } }
}
