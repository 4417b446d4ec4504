import ArgumentParser
import DLNC
import StageKit
import Support
import Tokenization
import Training

extension Recipe: ExpressibleByArgument {}
extension SelectionCriterion: ExpressibleByArgument {}
extension Warmup: NumericArgument {}
extension ClassWeights: ExpressibleByArgument {
  /// Any text; ``problem`` tells whether it is valid.
  public init?(argument: String) { self.init(rawValue: argument) }
}

private let defaults = TrainingSettings()

/// The flags for training a network, with the defaults of ``TrainingSettings``. Flags and settings
/// have the same names. Where the default is `auto`, it is that of the recipe.
public struct TrainingOptions: ParsableArguments {
  /// The recipe.
  @Option(help: "The recipe, which gives the flags that are auto their values.")
  public var recipe = Recipe.paper

  @Option(help: "Rows in a batch; all rows of a batch belong to one task.")
  var batch: AutoOr<Int> = .auto

  @Option(help: "The maximum number of epochs; 0 leaves the parameters as initialised.")
  var epochs: AutoOr<Int> = .auto

  @Option(help: "Adam's peak learning rate.")
  var learningRate: AutoOr<Double> = .auto

  @Option(help: "The factor of the learning rate for word vectors.")
  var vectorRate: AutoOr<Double> = .auto

  @Option(
    help:
      "Steps in which the learning rate rises to its peak: a fraction of all, or from 1 a number."
  )
  var warmup = defaults.warmup

  @Flag(inversion: .prefixedNo, help: "Let the learning rate fall linearly to zero.")
  var decay = defaults.decay

  @Option(help: "The maximum norm of a gradient; 0 for no clipping.")
  var maxGradNorm = defaults.maxGradientNorm

  @Option(help: "The maximum number of tokens of a row; the rest is cut off.")
  var maximumLength = defaults.maximumLength

  @Option(help: "Stop after this many epochs without a better validation loss; 0 for never.")
  var patience = defaults.patience

  @Flag(
    inversion: .prefixedNo,
    help: "Keep the epoch that was best on validation, not the last. (default: auto)")
  var keepBest: Bool?

  /// The measure that chooses an epoch or a penalty.
  @Option(
    help: ArgumentHelp(
      "The measure on validation rows by which an epoch, or a penalty, is kept. (default: accuracy)",
      discussion: "For a network, it implies --keep-best."))
  public var keepBy: SelectionCriterion?

  /// How much the rows of each class count.
  @Option(
    help: ArgumentHelp(
      "How much the rows of a class count: balanced, or classes with weights, as in neutral=2.",
      discussion:
        "Balanced weights are inverse to the number of rows. The mean weight of the training rows is "
        + "1.", valueName: "weights"))
  public var classWeights: ClassWeights?

  /// Whether the probabilities get a temperature.
  @Flag(
    inversion: .prefixedNo,
    help: "Fit a temperature, and the weight of an n-gram layer, to the validation rows.")
  public var calibrate = true

  /// Whether what is linear in n-grams is fitted to the validation rows, too; nil for the recipe's choice.
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Fit bag-of-words or an n-gram layer again, to the training and validation rows. (default: auto)",
      discussion:
        "All reported accuracies are those of the fit to the training rows. With --recipe best this is "
        + "the default if all tasks have test rows or folds."))
  public var fitValidationRows: Bool?

  @OptionGroup(title: "Regularisation") var regularization: RegularizationOptions

  /// The flags of the training run.
  @OptionGroup public var run: RunOptions

  /// The seed of all random numbers.
  public var seed: Int { run.seed }
  /// The number of threads.
  public var threads: Int { run.threads }

  /// Required by ArgumentParser.
  public init() {}

  /// Returns the settings of the recipe for training data of this size, changed by the flags that are
  /// given; the caller adds those that only its stage has.
  /// - Parameters:
  ///   - configuration: that of the network.
  ///   - keepsTestRows: whether rows remain to test a network that learned from all others.
  /// - Throws: ``UserError`` with exit status `usage` if there is no n-gram layer to fit again.
  public func settings(
    for size: TrainingDataSize, _ configuration: ModelConfiguration, keepsTestRows: Bool,
    isFineTuning: Bool = false
  ) throws -> TrainingSettings {
    let base =
      isFineTuning
      ? recipe.fineTuningSettings(for: size, batch: batch.value)
      : recipe.trainingSettings(for: size, batch: batch.value)
    var result = try settings(
      base,
      renamed: [
        "maxGradNorm": "maxGradientNorm", "keepBest": "keepsBest", "calibrate": "calibrates",
        "fitValidationRows": "fitsValidationRows",
      ],
      ignoring: RunOptions.unrelated.union(["recipe"]))
    if keepBy != nil { result.keepsBest = true }
    if configuration.ngrams == nil {
      result.fitsValidationRows = nil
    } else if fitValidationRows == nil, result.fitsValidationRows == true {
      result.fitsValidationRows = keepsTestRows
    }
    guard fitValidationRows != true || configuration.ngrams != nil else {
      throw UserError(
        .usage, at: "--fit-validation-rows", problem: "a network without an n-gram layer",
        expected: "a network with --ngrams crossfit", hint: "leave it out")
    }
    return result
  }

  /// Returns the size of the training data of some tasks, as far as rows are read.
  /// - Throws: ``UserError`` with exit status `noInput` if a task has no training rows, or `data`.
  public func size(of tasks: [String], in dataset: TokenizedDataset) throws -> TrainingDataSize {
    try TrainingDataSize(of: tasks, in: dataset, maximumLength: maximumLength)
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
    guard warmup.isValid else {
      throw ValidationError("--warmup is \(warmup); it must be \(Warmup.range).")
    }
    if keepBy != nil, keepBest == false {
      throw ValidationError("--keep-by and --no-keep-best contradict each other; give one.")
    }
    if let classWeights, let problem = classWeights.problem {
      throw ValidationError("--class-weights \(classWeights.rawValue): \(problem).")
    }
    try validate(ranges: [
      "batch": .count, "epochs": .nonNegative, "maximumLength": .count,
      "patience": .nonNegative, "learningRate": .positive, "vectorRate": .nonNegative,
      "maxGradNorm": .nonNegative,
    ])
  }
}

/// The flags for regularisation.
public struct RegularizationOptions: ParsableArguments {
  @Option(help: "The probability of replacing a word by the unknown word during training.")
  var wordDropout: AutoOr<Double> = .auto

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
  var emaDecay: AutoOr<Double> = .auto

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
