import Kernels

/// The places of dropout. Those of the paper (section "Hyperparameters") are `recurrent`, `head` and
/// `logits`.
package enum DropoutSite: Int {
  /// h before W_h in the encoder, at each step.
  case recurrent
  /// The encoder's final h before W_h in the classification cell.
  case classifierRecurrent
  /// The input of the linear layer.
  case head
  /// The input of the softmax.
  case logits
  /// The logits of the n-gram layer, all of a row at once.
  case ngrams
  /// Tokens of a row; see ``Regularization/wordDropout``.
  case words
  /// Word vectors; masks depend on the token instead of the row.
  case vectors
}

/// A source of dropout masks.
package protocol DropoutSource {
  /// Fills `mask` with 1 for elements to keep and 0 for elements to drop.
  /// - Parameters:
  ///   - row: the position of the row in the batch; the token for `vectors`.
  ///   - step: the time step for `recurrent`, else 0.
  func fill(
    _ mask: UnsafeMutablePointer<UInt8>, count: Int, site: DropoutSite, row: Int, step: Int,
    rate: Double)
}

extension DropoutSource {
  /// Fills the masks [batchIndices.count, width] of rows of a batch.
  func fill(
    _ mask: UnsafeMutablePointer<UInt8>, width: Int, site: DropoutSite,
    batchIndices: ArraySlice<Int>,
    step: Int, rate: Double
  ) {
    var target = mask
    for row in batchIndices {
      fill(target, count: width, site: site, row: row, step: step, rate: rate)
      target += width
    }
  }
}

/// Random masks, a function of a key for the batch and of site, row and step.
package struct RandomDropout: DropoutSource {
  let key: PRNGKey
  /// Whether all steps of a row have the same recurrent mask.
  let perSequence: Bool

  package init(key: PRNGKey, perSequence: Bool) {
    self.key = key
    self.perSequence = perSequence
  }

  package func fill(
    _ mask: UnsafeMutablePointer<UInt8>, count: Int, site: DropoutSite, row: Int, step: Int,
    rate: Double
  ) {
    let key = key.foldIn(site.rawValue).foldIn(row).foldIn(perSequence ? 0 : step)
    Float.kernels.dropoutMask(key.value, Int32(count), UInt32((rate * 65536).rounded()), mask)
  }
}

/// Inverted dropout at one site: elements are set to 0 with a probability of `rate`, the others are
/// multiplied by 1 / (1 - rate).
final class DropoutLayer<R: Real> {
  private let site: DropoutSite
  private let mask = AlignedBuffer<UInt8>()
  /// The rate of the last forward pass; 0 if it dropped nothing.
  private var rate = 0.0

  init(_ site: DropoutSite) { self.site = site }

  /// Copies `source` [B, width] to `target` and drops elements if the context has dropout.
  func forward(
    _ source: UnsafePointer<R>, into target: UnsafeMutablePointer<R>, width: Int, rate: Double,
    _ context: ForwardContext<R>
  ) {
    let count = context.sequence.count * width
    self.rate = context.dropout == nil ? 0 : rate
    guard let dropout = context.dropout, rate > 0 else {
      return target.update(from: source, count: count)
    }
    dropout.fill(
      mask.reserve(count), width: width, site: site,
      batchIndices: context.sequence.batchIndices[...], step: 0,
      rate: rate)
    R.kernels.dropoutApply(Int64(count), mask.start, R(1 / (1 - rate)), source, target)
  }

  /// Turns the gradient of the output of the last forward pass, `count` elements, into that of its
  /// input.
  func backward(_ gradient: UnsafeMutablePointer<R>, count: Int) {
    guard rate > 0 else { return }
    R.kernels.dropoutApply(Int64(count), mask.start, R(1 / (1 - rate)), gradient, gradient)
  }
}

/// Regularisation beyond the paper, during training only.
package struct Regularization: Sendable {
  /// The probability of reading a word as the unknown word. A zero vector would not do, because its
  /// layer norm is degenerate.
  var wordDropout = 0.0
  /// The dropout rate of word vectors. A word has the same mask in the whole batch, so that
  /// LN_x(W_x x) is still computed once per distinct word.
  var vectorDropout = 0.0
  /// The part of the target that is spread evenly over all classes (Szegedy et al. 2016).
  var labelSmoothing = 0.0
}

/// Replaces words of a batch by the unknown word.
struct WordDropout {
  let source: any DropoutSource
  let rate: Double

  /// Returns nil if no word is to be dropped.
  init?(_ source: (any DropoutSource)?, rate: Double) {
    guard let source, rate > 0 else { return nil }
    (self.source, self.rate) = (source, rate)
  }

  /// The mask of a row: 1 for words to keep, 0 for words to drop.
  /// - Parameter row: the position of the row in the batch.
  func mask(row: Int, length: Int) -> [UInt8] {
    guard length > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      if let start = buffer.baseAddress {
        source.fill(start, count: length, site: .words, row: row, step: 0, rate: rate)
      }
      count = length
    }
  }
}
