import Shards

/// Rows of one task's shard that are computed together.
package struct Batch: Sendable {
  /// The rows of one micro-batch.
  struct Part: Sendable {
    /// Indices of rows of the shard.
    var indices: [Int]
    /// The indices of these rows in the batch.
    var batchIndices: [Int]
  }

  package var shard: TokenShard
  /// Indices of rows of the shard.
  var indices: [Int]
  /// The number of tokens after which rows are truncated.
  var maxLength: Int
  var regularization = Regularization()
  /// The logits that the n-gram layer adds to each row of the shard, [rows, classes]; nil to compute
  /// them.
  package var ngramLogits: [Double]?
  /// The factor of the loss of each class's rows, [classes]; nil for 1.
  package var classWeights: [Double]?
  /// The words among which a language model predicts the next one; nil for a classifier.
  package var candidates: Candidates?

  package init(
    shard: TokenShard, indices: [Int], maxLength: Int,
    regularization: Regularization = Regularization()
  ) {
    (self.shard, self.indices) = (shard, indices)
    (self.maxLength, self.regularization) = (maxLength, regularization)
  }

  /// Splits the batch into at most `count` parts with similar numbers of tokens: the rows are assigned
  /// in order of descending length, alternately in ascending and descending order of the parts.
  func split(into count: Int) -> [Part] {
    let lengths = indices.map { min(maxLength, shard.row($0).count) }
    var parts = Array(
      repeating: Part(indices: [], batchIndices: []), count: min(count, indices.count))
    for (turn, batchIndex) in descendingOrder(lengths).enumerated() {
      let round = turn % (2 * parts.count)
      let part = round < parts.count ? round : 2 * parts.count - 1 - round
      parts[part].indices.append(indices[batchIndex])
      parts[part].batchIndices.append(batchIndex)
    }
    return parts
  }

  /// All rows of a shard in batches of `rows` rows of similar length.
  static func sortedByLength(_ shard: TokenShard, rows: Int, maxLength: Int) -> [Batch] {
    let order = descendingOrder(shard.lengths.map { min(maxLength, $0) })
    return stride(from: 0, to: order.count, by: rows).map {
      Batch(
        shard: shard, indices: Array(order[$0..<min($0 + rows, order.count)]), maxLength: maxLength)
    }
  }
}

/// The indices of `values` in order of descending value; equal values keep their order.
package func descendingOrder(_ values: [some Comparable]) -> [Int] {
  values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
}
