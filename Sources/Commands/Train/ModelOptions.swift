import ArgumentParser
import DLNC
import StageKit
import Training

extension ModelKind: ExpressibleByArgument {}
extension NgramWeights: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}

/// The lengths of character n-grams, or `none`.
enum CharacterOption: ExpressibleByArgument, CustomStringConvertible, Sendable {
  case none
  case lengths(CharacterLengths)

  init?(argument: String) {
    guard argument != "none" else {
      self = .none
      return
    }
    guard let lengths = CharacterLengths(argument) else { return nil }
    self = .lengths(lengths)
  }

  var lengths: CharacterLengths? { if case .lengths(let lengths) = self { lengths } else { nil } }
  var description: String { lengths?.description ?? "none" }
}

private let defaults = ModelConfiguration()

/// The flags of the model: the variant, its sizes, and the choices that the paper leaves open. Flags
/// and properties of ``ModelConfiguration`` have the same names and defaults; where the default is
/// `auto`, it is that of the recipe.
struct ModelOptions: ParsableArguments {
  @Option(help: "A model of the paper, or a baseline to compare it with.")
  var model = ModelKind.network(defaults.variant)

  @Option(help: "The number of hidden units of the encoder and of the classification cell.")
  var hidden = defaults.hidden

  @Option(help: "The size of a task embedding.")
  var taskEmbedding = defaults.taskEmbedding

  @Option(help: "Added to the variance in a layer norm.")
  var epsilon = defaults.epsilon

  @Flag(help: "Normalise each gate separately instead of all four together.")
  var normPerGate = false

  @Option(
    help: "Whether all tasks share the gains and shifts of the norms, or each task has its own.")
  var norms = Sharing.perTask

  @Option(
    help: "Whether tasks with the same class names share the linear layer and the n-gram layer.")
  var heads = Sharing.perTask

  @Flag(help: "Apply tanh to the normalised cell state in equation (3).")
  var cellTanh = false

  @Flag(help: "Start the classification cell from the encoder's h and c = 0.")
  var zeroInitialCell = false

  @Option(help: "The initial bias of the forget gate.")
  var forgetBias = defaults.forgetBias

  @Option(help: "Dropout on h before each recurrent matrix product.")
  var recurrentDropout = defaults.recurrentDropout

  @Flag(help: "Use one recurrent dropout mask for all steps of a row.")
  var variationalDropout = false

  @Option(help: "Dropout on the input of the linear layer.")
  var headDropout = defaults.headDropout

  @Option(help: "Dropout on the input of the softmax.")
  var logitDropout = defaults.logitDropout

  @Option(
    help: ArgumentHelp(
      "A linear layer over words and pairs of words whose logits are added to the network's.",
      discussion: "crossfit: its weights are those of bag-of-words; while training, each row gets "
        + "the logits of a bag of words fitted without it."))
  var ngrams: AutoOr<NgramMode> = .auto

  @Option(
    help: ArgumentHelp(
      "How the weights of that layer and of bag-of-words are fitted.",
      discussion: "tfidf: logistic regression on tf-idf values; ensemble: the mean of that and of "
        + "logistic regression on naive Bayes ratios, both with word vectors."))
  var ngramWeights: AutoOr<NgramWeights> = .auto

  @Option(
    help: ArgumentHelp(
      "The lengths of the character n-grams of that layer and of bag-of-words, as in 3-5.",
      discussion:
        "They are those of each token between spaces, also of unknown words, and count if two "
        + "rows have them.", valueName: "lengths"))
  var characterNgrams: AutoOr<CharacterOption> = .auto

  @Option(help: "The probability of dropping that layer for a row during training.")
  var ngramDropout: AutoOr<Double> = .auto

  @Option(
    help:
      "The input of the linear layer in addition to the classification cell's h: h pooled over time."
  )
  var pooling: AutoOr<Pooling> = .auto

  /// Returns the flags as a configuration, to which the data adds the input size and the tasks.
  /// - Throws: ``UserError`` if a flag is not part of a configuration.
  func configuration(_ recipe: Recipe) throws -> ModelConfiguration {
    let base = recipe.configuration
    var result = try settings(
      base,
      ignoring: [
        "model", "norms", "heads", "ngrams", "ngramWeights", "characterNgrams", "ngramDropout",
      ])
    if case .network(let variant) = model { result.variant = variant }
    if let ngrams = ngrams.value {
      result.ngrams = ngrams == .crossfit ? base.ngrams ?? NgramOptions() : nil
    }
    let weights = weights(recipe)
    result.ngrams?.weights = weights == .tfidf ? nil : weights
    if let characters = characterNgrams.value { result.ngrams?.characters = characters.lengths }
    if let dropout = ngramDropout.value { result.ngrams?.dropout = dropout }
    return result
  }

  /// The parameters that tasks share beyond the weights.
  var sharing: ParameterSharing {
    ParameterSharing(norms: norms == .shared, heads: heads == .shared)
  }

  /// How the weights of n-grams are fitted.
  func weights(_ recipe: Recipe) -> NgramWeights { ngramWeights.value ?? recipe.ngramWeights }

  func validate() throws {
    try validate(ranges: [
      "hidden": .integers(1...ModelConfiguration.largestSize),
      "taskEmbedding": .integers(1...ModelConfiguration.largestSize),
      "recurrentDropout": .fraction, "headDropout": .fraction, "logitDropout": .fraction,
      "ngramDropout": .fraction, "epsilon": .positive, "forgetBias": .finite,
    ])
    if model == .network(.lstmLinear), norms == .shared {
      throw ValidationError("--norms shared is given for lstm-linear, which has no norms.")
    }
  }
}

/// Whether tasks share parameters.
enum Sharing: String, CaseIterable, ExpressibleByArgument {
  case shared
  case perTask = "per-task"
}

/// Whether the network has a linear layer over n-grams, and how that layer is fitted.
enum NgramMode: String, CaseIterable, ExpressibleByArgument {
  case none, crossfit
}

/// The flags of the baselines.
struct BaselineOptions: ParsableArguments {
  /// The names of the flags.
  static let flags = [
    "penalty", "pool-tasks", "share-weights", "own-penalty-ratio",
  ]

  @Option(
    help: ArgumentHelp(
      "The strength of the L2 penalty of bag-of-words, scikit-learn's 1/C.",
      discussion: "By default each task's validation rows choose among "
        + NgramWeights.allCases.map { weights in
          weights.penalties.map { "\($0)" }.joined(separator: ", ")
            + " (\(weights.rawValue); without any it is \(weights.defaultPenalty))"
        }.joined(separator: " or ") + "."))
  var penalty: Double?

  @Flag(help: "Fit one bag-of-words to the rows of all tasks whose classes have the same names.")
  var poolTasks = false

  @Flag(
    help: """
      Fit bag-of-words whose weights are a part that all tasks with the same class names share plus a \
      part of the task, with --ngram-weights tfidf.
      """)
  var shareWeights = false

  @Option(
    help: """
      With --share-weights: the penalty of a task's own part, as a multiple of that of the shared part.
      """)
  var ownPenaltyRatio = 4.0

  func validate() throws {
    // Without a penalty, the weights of a word that only one class has would grow without bound.
    try validate(ranges: ["penalty": .closed(1e-6...1e6), "ownPenaltyRatio": .closed(1e-3...1e6)])
    if poolTasks, shareWeights {
      throw ValidationError("--pool-tasks and --share-weights are two ways to share; give one.")
    }
  }
}
