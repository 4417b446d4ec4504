import Support

/// The settings of a training: everything that determines its result apart from the model and
/// the data.
public struct TrainingSettings: Codable, Equatable, Sendable {
  /// The number of rows of a batch; all rows of a batch belong to one task.
  public var batch = 32
  /// The maximum number of epochs. With 0, the parameters stay as initialised: the control that shows
  /// the effect of training.
  public var epochs = 6
  /// The peak learning rate of Adam.
  public var learningRate = 0.002
  /// The factor of the learning rate for word vectors.
  public var vectorRate = 1.0
  /// The factor of the learning rate for the encoder's weights.
  public var encoderRate = 1.0
  /// The number of epochs before the encoder's weights and the word vectors are trained.
  public var unfreezeAfter = 0
  /// The part of weight matrices and word vectors that a step takes away, times the learning rate.
  public var weightDecay = 0.0
  /// The decay of the moving average of the parameters, which is validated and kept; 0 for the
  /// parameters themselves.
  public var emaDecay = 0.0
  /// The steps in which the learning rate rises from zero to its peak.
  public var warmup: Warmup = 0.1
  /// Whether the learning rate then falls linearly to zero or stays constant.
  public var decay = true
  /// The maximum global norm of a batch's gradient; 0 for no clipping.
  public var maxGradientNorm = 1.0
  /// The maximum number of tokens of a row; the rest is cut off.
  public var maximumLength = 300
  /// The number of epochs without a better validation score before training stops; 0 for never.
  public var patience = 0
  /// Whether the epoch with the best validation score is kept, or the last one.
  public var keepsBest = true
  /// The validation score that is the best; nil for the accuracy.
  public var keepBy: SelectionCriterion?
  /// How much the rows of each class count; nil for the same.
  public var classWeights: ClassWeights?
  /// Whether the probabilities of each task get a temperature, fitted to its validation rows; nil in
  /// files of earlier versions, for no.
  public var calibrates: Bool? = true
  /// Whether the n-gram layer is fitted again in the end, to the training and validation rows; nil for no.
  public var fitsValidationRows: Bool?
  /// The exponent of the tasks' shares of the batches, (rows)^mixing: with 1 proportional to their
  /// size, with 0 equal.
  public var mixing = 1.0
  /// The probability of replacing a word by the unknown word.
  public var wordDropout = 0.0
  /// The dropout rate of word vectors; a word has the same mask in the whole batch.
  public var vectorDropout = 0.0
  /// The part of the target that is spread evenly over all classes; reported losses are not smoothed.
  public var labelSmoothing = 0.0
  /// The number of micro-batches that a batch is split into.
  public var microBatches = 2
  /// The precision of matrix products; nil for single precision.
  public var precision: ProductPrecision?
  /// The seed of all random numbers.
  public var seed = 1

  /// The defaults.
  public init() {}

  /// The defaults for pretraining an encoder: more rows in a batch, because each is thousands of
  /// predictions that share candidates, and the last epoch is kept.
  public static var pretraining: TrainingSettings {
    var result = TrainingSettings()
    (result.batch, result.epochs, result.learningRate) = (128, 2, 0.003)
    (result.keepsBest, result.calibrates) = (false, nil)
    return result
  }

  /// Checks a value from a model file that is used for predictions.
  /// - Throws: ``UserError`` with exit status `data`.
  package func check(at location: String) throws {
    guard maximumLength >= 1 else {
      throw UserError(
        .data, at: location, problem: "rows of \(maximumLength) tokens", expected: "1 or more",
        hint: "train the model again")
    }
    guard warmup.isValid else {
      throw UserError(
        .data, at: location, problem: "a warm-up of \(warmup)", expected: Warmup.range,
        hint: "train the model again")
    }
  }

  package var regularization: Regularization {
    Regularization(
      wordDropout: wordDropout, vectorDropout: vectorDropout, labelSmoothing: labelSmoothing)
  }

  /// The learning rate of a step from 0, of `total` steps.
  package func rate(step: Int, total: Int) -> Double {
    let warmup = warmup.steps(of: total)
    if step < warmup { return learningRate * Double(step + 1) / Double(warmup) }
    guard decay, total > warmup else { return learningRate }
    return learningRate * Double(total - step) / Double(total - warmup)
  }

  /// The factor of a gradient with this global norm (gradient clipping, Pascanu et al. 2013,
  /// algorithm 1).
  package func gradientScale(norm: Double) -> Double {
    maxGradientNorm > 0 && norm > maxGradientNorm ? maxGradientNorm / norm : 1
  }
}

/// The steps in which the learning rate rises: below 1 a fraction of all steps, else their number.
public struct Warmup: RawRepresentable, Codable, Hashable, Sendable {
  /// A fraction from 0 to below 1, or a whole number of steps.
  public var rawValue: Double

  /// A warm-up; see ``isValid``.
  public init(rawValue: Double) { self.rawValue = rawValue }

  /// The valid values in words.
  public static let range = "a fraction of the steps from 0 to below 1, or a whole number of them"

  private static let maxSteps = 1_000_000_000

  /// Whether the value is a fraction below 1 or a whole number.
  public var isValid: Bool {
    (0..<1).contains(rawValue)
      || (1...Double(Self.maxSteps)).contains(rawValue) && wholeSteps != nil
  }

  private var wholeSteps: Int? { rawValue < 1 ? nil : Int(exactly: rawValue) }

  /// The number of steps, of a training of `total`.
  package func steps(of total: Int) -> Int {
    guard isValid else { return 0 }
    return wholeSteps ?? Int((rawValue * Double(total)).rounded())
  }
}

extension Warmup: CustomStringConvertible, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A fraction of the steps.
  public init(floatLiteral value: Double) { rawValue = value }
  /// A number of steps.
  public init(integerLiteral value: Int) { rawValue = Double(value) }
  /// The value as on the command line.
  public var description: String { wholeSteps.map { "\($0)" } ?? "\(rawValue)" }
}
