import Shards

/// Rows of one task's shard that are computed together.
struct Batch: Sendable {
  /// A part of a batch.
  struct Part: Sendable {
    /// Rows of the shard.
    var indices: [Int]
    /// Their places in the batch.
    var places: [Int]
  }

  var shard: TokenShard
  /// Rows of the shard.
  var indices: [Int]
  /// Rows are cut after so many tokens.
  var longest: Int
  /// What makes the rows harder while they are learned.
  var noise = Regularization()
  /// The logits that the n-gram layer adds to each row of the shard, [rows, classes], if they are
  /// known already.
  var ngramLogits: [Double]?

  /// Deals the rows out to at most `count` parts, longest first and back and forth, so that the
  /// parts have about equally many tokens.
  func cut(into count: Int) -> [Part] {
    let lengths = indices.map { min(longest, shard.row($0).count) }
    let order = indices.indices.sorted {
      lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
    }
    var parts = Array(repeating: Part(indices: [], places: []), count: min(count, indices.count))
    for (turn, place) in order.enumerated() {
      let round = turn % (2 * parts.count)
      let part = round < parts.count ? round : 2 * parts.count - 1 - round
      parts[part].indices.append(indices[place])
      parts[part].places.append(place)
    }
    return parts
  }

  /// All rows of a shard in batches of `rows` of about equal length.
  static func byLength(_ shard: TokenShard, rows: Int, longest: Int) -> [Batch] {
    let lengths = shard.lengths.map { min(longest, $0) }
    let order = lengths.indices.sorted {
      lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
    }
    return stride(from: 0, to: order.count, by: rows).map {
      Batch(shard: shard, indices: Array(order[$0..<min($0 + rows, order.count)]), longest: longest)
    }
  }
}
