/// What keeps rows from being learned by heart while training, beside the dropout of the
/// configuration; none of it while predicting.
struct Regularization: Sendable {
  /// The chance of a word to be read as the unknown word. Not as a zero vector: a layer norm of zero
  /// is degenerate, and the unknown word's vector learns what to make of a gap.
  var words = 0.0
  /// The rate at which elements of word vectors are dropped. A word keeps its mask throughout a
  /// batch, so that LN_x(W_x x) is still computed once a distinct word.
  var vectors = 0.0
  /// The share of the target that is spread evenly over all classes (Szegedy et al. 2016).
  var classNames = 0.0
}

/// Reads words of a batch's rows as the unknown word.
struct WordDropout {
  let source: any DropoutSource
  let rate: Double

  /// Nothing if no word is to be dropped.
  init?(_ source: (any DropoutSource)?, rate: Double) {
    guard let source, rate > 0 else { return nil }
    (self.source, self.rate) = (source, rate)
  }

  /// 1 for each word of a row to keep, 0 for those to drop.
  /// - Parameter row: the place of the row in the batch.
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
