import ArgumentParser
import DLNC
import StageKit
import TrainingKit

private let network = ModelConfiguration.pretraining
private let defaults = TrainingSettings.pretraining

/// The flags of the encoder, with the names that they have in `train`.
struct EncoderOptions: ParsableArguments {
  @Option(help: "The number of hidden units of the encoder.")
  var hidden = network.hidden

  @Option(help: "Added to the variance in a layer norm.")
  var epsilon = network.epsilon

  @Flag(help: "Normalise each gate separately instead of all four together.")
  var normPerGate = false

  @Flag(help: "Apply tanh to the normalised cell state in equation (3).")
  var cellTanh = false

  @Option(help: "The initial bias of the forget gate.")
  var forgetBias = network.forgetBias

  @Option(
    help: "Dropout on h before each recurrent matrix product; one mask for all steps of a text.")
  var recurrentDropout = network.recurrentDropout

  /// The flags as a configuration without tasks.
  /// - Throws: ``UserError`` if a flag is not part of a configuration.
  var configuration: ModelConfiguration { get throws { try settings(network) } }

  func validate() throws {
    try validate(ranges: [
      "hidden": .integers(1...ModelConfiguration.largestSize), "recurrentDropout": .fraction,
      "epsilon": .positive, "forgetBias": .finite,
    ])
  }
}

/// The flags of the training.
struct PretrainingOptions: ParsableArguments {
  @Option(help: "The number of epochs.")
  var epochs = defaults.epochs

  @Option(help: "Texts in a batch; all texts of a batch belong to one domain.")
  var batch = defaults.batch

  @Option(help: "Adam's peak learning rate, which then falls linearly to zero.")
  var learningRate = defaults.learningRate

  @Option(help: "The factor of the learning rate for word vectors.")
  var vectorRate = defaults.vectorRate

  @Option(
    help:
      "Steps in which the learning rate rises to its peak: a fraction of all, or from 1 a number."
  )
  var warmup = defaults.warmup

  @Option(help: "The maximum norm of a gradient; 0 for no clipping.")
  var maxGradNorm = defaults.maxGradientNorm

  @Option(help: "The maximum number of words of a text; the rest is cut off.")
  var maximumLength = defaults.maximumLength

  @Option(help: "How domains share the batches: by (texts)^mixing; 1 by size, 0 equally.")
  var mixing = defaults.mixing

  @Option(
    help: ArgumentHelp(
      "The number of words, on average, that the next word is distinguished from.",
      discussion:
        "They are drawn for each batch, the more frequent words more often; from the size "
        + "of the vocabulary on, they are all words."))
  var negatives = 1024

  @Option(
    help: "The fraction of texts that only the perplexity is computed on; at least one a domain.")
  var heldOut = 0.01

  @OptionGroup var run: RunOptions

  /// The flags as settings.
  /// - Throws: ``UserError`` if a flag is no setting.
  var settings: TrainingSettings {
    get throws {
      try settings(
        defaults, renamed: ["maxGradNorm": "maxGradientNorm"],
        ignoring: RunOptions.unrelated.union(["negatives", "heldOut"]))
    }
  }

  func validate() throws {
    guard warmup.isValid else {
      throw ValidationError("--warmup is \(warmup); it must be \(Warmup.range).")
    }
    try validate(ranges: [
      "epochs": .count, "batch": .count, "learningRate": .positive, "vectorRate": .nonNegative,
      "maxGradNorm": .nonNegative, "maximumLength": .integers(2...1_000_000_000),
      "mixing": .closed(0...1), "negatives": .count, "heldOut": .closed(0...0.5),
    ])
  }
}
