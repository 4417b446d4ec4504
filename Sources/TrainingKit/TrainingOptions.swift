import ArgumentParser
import DLNC
import StageKit

private let defaults = TrainingSettings()

/// The flags for training a network, with the defaults of ``TrainingSettings``. Flags and settings
/// have the same names.
public struct TrainingOptions: ParsableArguments {
  @Option(help: "Rows in a batch; all rows of a batch belong to one task.")
  var batch = defaults.batch

  @Option(help: "The maximum number of epochs; 0 leaves the parameters as initialised.")
  var epochs = defaults.epochs

  @Option(help: "Adam's peak learning rate.")
  var learningRate = defaults.learningRate

  @Option(help: "The factor of the learning rate for word vectors.")
  var vectorRate = defaults.vectorRate

  @Option(help: "Steps in which the learning rate rises to its peak.")
  var warmup = defaults.warmup

  @Flag(inversion: .prefixedNo, help: "Let the learning rate fall linearly to zero.")
  var decay = defaults.decay

  @Option(help: "The maximum norm of a gradient; 0 for no clipping.")
  var maxGradNorm = defaults.maxGradientNorm

  @Option(help: "The maximum number of tokens of a row; the rest is cut off.")
  var maximumLength = defaults.maximumLength

  @Option(help: "Stop after this many epochs without a better validation loss; 0 for never.")
  var patience = defaults.patience

  @Flag(inversion: .prefixedNo, help: "Keep the epoch that was best on validation, not the last.")
  var keepBest = defaults.keepsBest

  @OptionGroup(title: "Regularisation") var regularization: RegularizationOptions

  @Option(help: "The number of micro-batches that a batch is split into, for the threads to share.")
  var microBatches = defaults.microBatches

  /// The seed of all random numbers.
  @Option(help: "The seed of all random numbers. (default: 1)", transform: wholeNumber)
  public var seed = defaults.seed

  /// The number of threads.
  @Option(help: "The number of threads; does not change the result. By default one per processor.")
  public var threads = processorCount

  @Option(help: "Save the state for resuming after an interruption every this many seconds.")
  var checkpointSeconds = 60.0

  /// Required by ArgumentParser.
  public init() {}

  /// Returns the flags as settings; the caller adds those that only its stage has.
  /// - Throws: ``UserError`` if a flag is no setting.
  public func settings() throws -> TrainingSettings {
    try settings(
      defaults, renamed: ["maxGradNorm": "maxGradientNorm", "keepBest": "keepsBest"],
      ignoring: ["threads", "checkpointSeconds"])
  }

  /// Warns about those of the trained tasks that have no validation rows to choose an epoch.
  public func warn(aboutUnvalidated unvalidated: [String], of tasks: [String], _ log: Log) {
    guard !unvalidated.isEmpty else { return }
    log.warning(
      "no validation rows of \(unvalidated.joined(separator: ", ")): "
        + (unvalidated.count == tasks.count
          ? "all epochs are trained and the last is kept; --patience has no effect"
          : "the other tasks alone choose the epoch that is kept"))
  }

  /// Checks the ranges of the values.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public func validate() throws {
    try validate(ranges: [
      "batch": .count, "epochs": .nonNegative, "warmup": .nonNegative, "maximumLength": .count,
      "patience": .nonNegative, "microBatches": .integers(1...256), "threads": .integers(1...1024),
      "learningRate": .positive, "vectorRate": .nonNegative, "maxGradNorm": .nonNegative,
      "checkpointSeconds": .nonNegative,
    ])
  }
}

/// The flags for regularisation, all of it off by default.
public struct RegularizationOptions: ParsableArguments {
  @Option(help: "The probability of replacing a word by the unknown word during training.")
  var wordDropout = defaults.wordDropout

  @Option(help: "Dropout on word vectors; a word keeps its mask throughout a batch.")
  var vectorDropout = defaults.vectorDropout

  @Option(help: "The part of the target spread evenly over all classes; reported losses are plain.")
  var labelSmoothing = defaults.labelSmoothing

  @Option(
    help:
      "The part of matrices and of the batch's word vectors that a step takes away, times the rate."
  )
  var weightDecay = defaults.weightDecay

  @Option(
    help:
      "Validate and keep a moving average of the parameters with this decay per step, e.g. 0.999.")
  var emaDecay = defaults.emaDecay

  /// Required by ArgumentParser.
  public init() {}

  /// Checks the ranges of the values.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public func validate() throws {
    try validate(ranges: [
      "wordDropout": .fraction, "vectorDropout": .fraction, "labelSmoothing": .fraction,
      "emaDecay": .fraction, "weightDecay": .closed(0...1),
    ])
  }
}
