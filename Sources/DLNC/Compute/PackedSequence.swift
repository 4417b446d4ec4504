import Shards

/// Rows of a shard in the layout of the recurrence: sorted by descending length, so that the rows
/// active at a step are the first ones, and stored step by step without padding.
///
/// Each token is an index into the unique tokens, since LN_x(W_x x) depends only on token and task and
/// is computed once for each.
struct PackedSequence {
  /// The index of each packed row in its batch, which selects masks and results.
  private(set) var batchIndices: [Int] = []
  /// The classes of each packed row.
  private(set) var classes: [ArraySlice<Int32>] = []
  /// The number of tokens of each packed row.
  private(set) var lengths: [Int] = []
  /// The number of active rows at each step.
  private(set) var active: [Int] = []
  /// The index of the first token of each step.
  private(set) var offsets: [Int] = []
  /// The ids of the unique tokens, in the order of their first occurrence.
  private(set) var words: [Int32] = []
  /// The index in `words` of each token, step by step.
  private(set) var wordRow: [Int32] = []

  /// The number of rows.
  var count: Int { batchIndices.count }
  /// The number of tokens.
  var tokens: Int { wordRow.count }
  /// The number of tokens of the longest row.
  var steps: Int { active.count }

  /// Packs the rows `indices` of `shard`, truncated to `maxLength` tokens; `batchIndices` are their indices in
  /// the batch. `dropout` replaces tokens by the unknown token, 0.
  init(
    _ shard: TokenShard, indices: [Int], batchIndices: [Int], maxLength: Int,
    uniqueTokens: UniqueTokens,
    dropout: WordDropout? = nil
  ) {
    let rows = indices.map { Array(shard.row($0).prefix(maxLength)) }
    let lengths = rows.map(\.count)
    let order = descendingOrder(lengths)
    self.batchIndices = order.map { batchIndices[$0] }
    classes = order.map { shard.classes(of: indices[$0]) }
    let texts = order.map { rows[$0] }
    let sorted = order.map { lengths[$0] }
    self.lengths = sorted
    let kept = dropout.map { zip(self.batchIndices, sorted).map($0.mask) }
    wordRow.reserveCapacity(sorted.reduce(0, +))
    uniqueTokens.removeAll()
    var activeCount = order.count
    for step in 0..<(sorted.first ?? 0) {
      while sorted[activeCount - 1] <= step { activeCount -= 1 }
      active.append(activeCount)
      offsets.append(wordRow.count)
      for row in 0..<activeCount {
        let isKept = kept.map { $0[row][step] != 0 } ?? true
        let token = isKept ? texts[row][step] : 0
        let index = uniqueTokens.index(of: token, next: words.count)
        if index == words.count { words.append(token) }
        wordRow.append(Int32(index))
      }
    }
  }
}

/// Assigns consecutive indices to unique tokens, in constant time per token.
final class UniqueTokens {
  private var indices: [Int32]
  /// The round in which each index was assigned; indices of earlier rounds are invalid.
  private var rounds: [Int32]
  private var round: Int32 = 0

  /// For token ids below `vocabularySize`.
  init(vocabularySize: Int) {
    indices = Array(repeating: 0, count: vocabularySize)
    rounds = Array(repeating: 0, count: vocabularySize)
  }

  /// Discards all indices.
  func removeAll() {
    if round == .max {
      rounds = Array(repeating: 0, count: rounds.count)
      round = 0
    }
    round += 1
  }

  /// The index of a token: the existing one, or `next` for a new token.
  func index(of token: Int32, next: Int) -> Int {
    let token = Int(token)
    if rounds[token] == round { return Int(indices[token]) }
    rounds[token] = round
    indices[token] = Int32(next)
    return next
  }
}
