import ArgumentParser
import DLNC
import StageKit

extension Pooling: ExpressibleByArgument {}

/// The flags that make a network: which of the paper's models, its sizes, and the readings of what
/// the paper leaves open. The defaults are those of ``ModelConfiguration``.
struct ModelOptions: ParsableArguments {
  @Option(help: "Which of the paper's models, or of the simple ones to measure them against.")
  var model: ModelKind = .network(ModelConfiguration().variant)

  @Option(help: "Hidden units of the encoder and of the classification cell.")
  var hidden: Int = ModelConfiguration().hidden

  @Option(help: "The size of a task's embedding.")
  var taskEmbedding: Int = ModelConfiguration().taskEmbedding

  @Option(help: "Added to the variance in a layer norm.")
  var epsilon: Double = ModelConfiguration().epsilon

  @Flag(help: "Normalise each gate by itself rather than all four together.")
  var normPerGate = false

  @Flag(help: "Take tanh of the normalised cell in equation (3).")
  var cellTanh = false

  @Flag(help: "Start the classification cell from the encoder's h alone.")
  var zeroInitialCell = false

  @Option(help: "Where the forget part of the shift of h starts.")
  var forgetBias: Double = ModelConfiguration().forgetBias

  @Option(help: "Dropout on h before each recurrent product.")
  var recurrentDropout: Double = ModelConfiguration().recurrentDropout

  @Flag(help: "Use one recurrent mask for all steps of a row.")
  var variationalDropout = false

  @Option(help: "Dropout on the input of the linear layer.")
  var headDropout: Double = ModelConfiguration().headDropout

  @Option(help: "Dropout on the input of the softmax.")
  var logitDropout: Double = ModelConfiguration().logitDropout

  @Option(
    help: ArgumentHelp(
      "A linear layer over words and pairs of words beside the network, added to its logits.",
      discussion: "crossfit: its weights are those of bag-of-words; while training, each row gets "
        + "the logits of a bag of words fitted without it."))
  var ngrams = NgramMode.none

  @Option(help: "How often a row has to do without that layer while learning.")
  var ngramDropout = 0.0

  @Option(
    help: "What the linear layer gets beside the classification cell's h: h pooled over time.")
  var pooling: Pooling = ModelConfiguration().pooling

  /// The flags as a configuration, to which the data adds input size and tasks.
  var configuration: ModelConfiguration {
    var result = ModelConfiguration()
    if case .network(let variant) = model { result.variant = variant }
    result.hidden = hidden
    result.taskEmbedding = taskEmbedding
    result.epsilon = epsilon
    result.normPerGate = normPerGate
    result.cellTanh = cellTanh
    result.zeroInitialCell = zeroInitialCell
    result.forgetBias = forgetBias
    result.recurrentDropout = recurrentDropout
    result.variationalDropout = variationalDropout
    result.headDropout = headDropout
    result.logitDropout = logitDropout
    result.ngrams = ngrams == .crossfit ? NgramOptions(dropout: ngramDropout) : nil
    result.pooling = pooling
    return result
  }

  /// Refuses values of which no network can be made.
  mutating func validate() throws {
    let largest = ModelConfiguration.largestSize
    for (name, size) in [("hidden", hidden), ("task-embedding", taskEmbedding)]
    where !(1...largest).contains(size) {
      throw ValidationError("--\(name) is \(size); it must be from 1 to \(largest).")
    }
    for (name, rate) in [
      ("recurrent-dropout", recurrentDropout), ("head-dropout", headDropout),
      ("logit-dropout", logitDropout), ("ngram-dropout", ngramDropout),
    ] where !(rate >= 0 && rate < 1) {
      throw ValidationError("--\(name) is \(rate); it must be from 0 to below 1.")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw ValidationError("--epsilon is \(epsilon); it must be above 0.")
    }
    guard forgetBias.isFinite else {
      throw ValidationError("--forget-bias is \(forgetBias); it must be a number.")
    }
  }

  var fingerprint: [Setting] {
    [
      Setting("model", model.rawValue), Setting("hidden", hidden),
      Setting("task-embedding", taskEmbedding), Setting("epsilon", epsilon),
      Setting("norm-per-gate", normPerGate), Setting("cell-tanh", cellTanh),
      Setting("zero-initial-cell", zeroInitialCell), Setting("forget-bias", forgetBias),
      Setting("recurrent-dropout", recurrentDropout),
      Setting("variational-dropout", variationalDropout), Setting("head-dropout", headDropout),
      Setting("logit-dropout", logitDropout), Setting("pooling", pooling.rawValue),
      Setting("ngrams", ngrams.rawValue), Setting("ngram-dropout", ngramDropout),
    ]
  }
}
