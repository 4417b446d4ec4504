import Support

/// How a network is trained: all that shapes the result but the model and the data.
public struct TrainingSettings: Codable, Equatable, Sendable {
  /// Rows a batch; each batch holds one task.
  public var batch = 32
  /// At most so many passes over the data. With none the parameters stay as they were drawn: the
  /// control that shows what learning was worth.
  public var epochs = 6
  /// Adam's rate at its peak.
  public var learningRate = 0.002
  /// What the rate is multiplied by for word vectors.
  public var vectorRate = 1.0
  /// What the rate is multiplied by for the encoder's weights.
  public var encoderRate = 1.0
  /// The encoder's weights and the word vectors learn only after so many epochs.
  public var unfreezeAfter = 0
  /// The share of matrices and word vectors that a step takes away, times the rate.
  public var weightDecay = 0.0
  /// The decay of the moving average of the parameters, which is what is validated and kept; zero
  /// for the parameters themselves.
  public var emaDecay = 0.0
  /// Steps in which the rate rises from zero to its peak.
  public var warmup = 100
  /// Whether the rate falls linearly to zero after that, or stays.
  public var decay = true
  /// The largest global norm of a batch's gradient; zero for no clipping.
  public var maxGradientNorm = 1.0
  /// Rows are cut after so many tokens.
  public var maximumLength = 300
  /// Training stops after so many epochs in a row without a better validation; zero: never.
  public var patience = 0
  /// Whether the epoch that was best on validation is kept, or the last one.
  public var keepsBest = true
  /// How the tasks share the batches: in proportion to (their rows) to this power, so that 1 is
  /// in proportion to their size and 0 equally often.
  public var mixing = 1.0
  /// The chance of a word of a row to be read as the unknown word.
  public var wordDropout = 0.0
  /// Dropout on word vectors; a word keeps its mask throughout a batch.
  public var vectorDropout = 0.0
  /// The share of the target that is spread evenly over all classes; the reported losses are plain.
  public var labelSmoothing = 0.0
  /// Into how many slices a batch is cut.
  public var microBatches = 2
  /// The seed of everything random.
  public var seed = 1

  /// The defaults.
  public init() {}

  /// Refuses what a model file may say and no training ever had, as far as it is used again.
  /// - Throws: ``UserError`` of kind `data`.
  func check(at place: String) throws {
    guard maximumLength >= 1 else {
      throw UserError(
        .data, at: place, problem: "rows of \(maximumLength) tokens", expected: "1 or more",
        hint: "train the model again")
    }
  }

  /// What makes rows harder to learn by heart.
  var regularization: Regularization {
    Regularization(words: wordDropout, vectors: vectorDropout, classNames: labelSmoothing)
  }

  /// The rate at a step, of `total` steps in all.
  func rate(step: Int, total: Int) -> Double {
    if step < warmup { return learningRate * Double(step + 1) / Double(warmup) }
    guard decay, total > warmup else { return learningRate }
    return learningRate * Double(total - step) / Double(total - warmup)
  }

  /// What a gradient of this global norm is multiplied by (Pascanu et al. 2013, algorithm 1).
  func clipping(norm: Double) -> Double {
    maxGradientNorm > 0 && norm > maxGradientNorm ? maxGradientNorm / norm : 1
  }
}
