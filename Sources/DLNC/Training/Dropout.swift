import Kernels

/// The places where the paper drops units (section "Hyperparameters").
enum DropoutSite: Int {
  /// h on its way into W_h of the encoder, at each step.
  case recurrent
  /// The encoder's h on its way into W_h of the classification cell.
  case classifierRecurrent
  /// The input of the linear layer.
  case head
  /// The input of the softmax.
  case logits
  /// All that the n-gram layer adds to a row's logits; beyond the paper.
  case ngrams
  /// Whole words of a row; see ``Regularization``.
  case words
  /// Word vectors; the word stands in place of the row.
  case vectors
}

/// Decides which units are kept. The network scales what is kept by 1 / (1 - rate).
protocol DropoutSource {
  /// Fills `keep` with 1 for the units to keep and 0 for those to drop.
  /// - Parameters:
  ///   - row: the place of the row in the batch; at `vectors` the word.
  ///   - step: the time step at the recurrent site, else 0.
  func fill(
    _ keep: UnsafeMutablePointer<UInt8>, count: Int, site: DropoutSite, row: Int, step: Int,
    rate: Double)
}

extension DropoutSource {
  /// Fills the masks [batchIndices.count, width] of rows of a batch.
  func fill(
    _ keep: UnsafeMutablePointer<UInt8>, width: Int, site: DropoutSite,
    batchIndices: ArraySlice<Int>,
    step: Int, rate: Double
  ) {
    var target = keep
    for row in batchIndices {
      fill(target, count: width, site: site, row: row, step: step, rate: rate)
      target += width
    }
  }
}

/// Masks drawn from a key that stands for one batch of a run.
struct RandomDropout: DropoutSource {
  let key: PRNGKey
  /// Whether the recurrent mask of a row is the same at all steps.
  let perSequence: Bool

  func fill(
    _ keep: UnsafeMutablePointer<UInt8>, count: Int, site: DropoutSite, row: Int, step: Int,
    rate: Double
  ) {
    let step = perSequence ? 0 : step
    let place = key.foldIn(site.rawValue).foldIn(row).foldIn(step)
    Float.kernels.dropoutMask(
      place.value, Int32(count), UInt32((rate * 65536).rounded()), keep)
  }
}
