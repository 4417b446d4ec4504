import ArgumentParser
import DLNC
import StageKit

extension ModelKind: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}

private let defaults = ModelConfiguration()

/// The flags of the model: the variant, its sizes, and the choices that the paper leaves open. Flags
/// and properties of ``ModelConfiguration`` have the same names and defaults.
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
  var ngrams = NgramMode.none

  @Option(help: "The probability of dropping that layer for a row during training.")
  var ngramDropout = 0.0

  @Option(
    help:
      "The input of the linear layer in addition to the classification cell's h: h pooled over time."
  )
  var pooling = defaults.pooling

  /// Returns the flags as a configuration, to which the data adds the input size and the tasks.
  /// - Throws: ``UserError`` if a flag is not part of a configuration.
  func configuration() throws -> ModelConfiguration {
    var result = try settings(defaults, ignoring: ["model", "ngrams", "ngramDropout"])
    if case .network(let variant) = model { result.variant = variant }
    result.ngrams = ngrams == .crossfit ? NgramOptions(dropout: ngramDropout) : nil
    return result
  }

  func validate() throws {
    try validate(ranges: [
      "hidden": .integers(1...ModelConfiguration.largestSize),
      "taskEmbedding": .integers(1...ModelConfiguration.largestSize),
      "recurrentDropout": .fraction, "headDropout": .fraction, "logitDropout": .fraction,
      "ngramDropout": .fraction, "epsilon": .positive, "forgetBias": .finite,
    ])
  }
}

/// Whether the network has a linear layer over n-grams, and how that layer is fitted.
enum NgramMode: String, CaseIterable, ExpressibleByArgument {
  case none, crossfit
}

/// The flags of the baselines.
struct BaselineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The strength of the L2 penalty of bag-of-words, scikit-learn's 1/C.",
      discussion: "By default each task's validation rows choose among "
        + LinearModel.penalties.map { "\($0)" }.joined(separator: ", ")
        + "; without any it is \(LinearModel.defaultPenalty)."))
  var penalty: Double?

  func validate() throws {
    // Without a penalty, the weights of a word that only one class has would grow without bound.
    try validate(ranges: ["penalty": .closed(1e-6...1e6)])
  }
}
