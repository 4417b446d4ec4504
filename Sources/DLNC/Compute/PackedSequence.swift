import Safetensors
import Shards

/// Some rows of a shard laid out for the recurrence: the longest first, so that at each step the
/// rows still running are the first ones, and step behind step without any padding.
///
/// `wordRow` numbers the distinct words, since LN_x(W_x x) depends only on the word and the task
/// and is computed once for each.
struct PackedSequence {
  /// For each packed row, its place in the batch; masks and results go by it.
  private(set) var places: [Int] = []
  /// For each packed row, its class.
  private(set) var labels: [Int32] = []
  /// For each packed row, how many steps it takes.
  private(set) var lengths: [Int] = []
  /// How many rows run at each step.
  private(set) var active: [Int] = []
  /// Where each step begins among all tokens.
  private(set) var offsets: [Int] = []
  /// The distinct words, in the order in which they are met.
  private(set) var words: [Int32] = []
  /// For each token, step behind step, its place in `words`.
  private(set) var wordRow: [Int32] = []

  /// How many rows there are.
  var count: Int { places.count }
  /// How many tokens there are.
  var tokens: Int { wordRow.count }
  /// How many steps the longest row takes.
  var steps: Int { active.count }

  /// Packs the rows `indices` of `shard`, cut after `longest` words; `places` are their places in
  /// the batch. With `dropout` some words become the unknown word, 0.
  init(
    _ shard: TokenShard, indices: [Int], places: [Int], longest: Int, numbering: UniqueTokens,
    dropout: WordDropout? = nil
  ) {
    let rows = indices.map { Array(shard.row($0).prefix(longest)) }
    let lengths = rows.map(\.count)
    let order = indices.indices.sorted {
      lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
    }
    self.places = order.map { places[$0] }
    labels = order.map { shard.labels[indices[$0]] }
    let texts = order.map { rows[$0] }
    let sorted = order.map { lengths[$0] }
    self.lengths = sorted
    let kept = dropout.map { zip(self.places, sorted).map($0.mask) }
    wordRow.reserveCapacity(sorted.reduce(0, +))
    numbering.begin()
    var running = order.count
    for step in 0..<(sorted.first ?? 0) {
      while sorted[running - 1] <= step { running -= 1 }
      active.append(running)
      offsets.append(wordRow.count)
      for row in 0..<running {
        let isKept = kept.map { $0[row][step] != 0 } ?? true
        let word = isKept ? texts[row][step] : 0
        let number = numbering.number(of: word, next: words.count)
        if number == words.count { words.append(word) }
        wordRow.append(Int32(number))
      }
    }
  }
}

/// Gives the distinct words of a packing consecutive numbers, in constant time a word.
final class UniqueTokens {
  private var numbers: [Int32]
  private var rounds: [Int32]
  private var round: Int32 = 0

  /// For words below `vocabularySize`.
  init(vocabularySize: Int) {
    numbers = Array(repeating: 0, count: vocabularySize)
    rounds = Array(repeating: 0, count: vocabularySize)
  }

  /// Forgets all numbers.
  func begin() {
    if round == .max {
      rounds = Array(repeating: 0, count: rounds.count)
      round = 0
    }
    round += 1
  }

  /// The number of a word: as before if it was met, `next` if not.
  func number(of word: Int32, next: Int) -> Int {
    let index = Int(word)
    if rounds[index] == round { return Int(numbers[index]) }
    rounds[index] = round
    numbers[index] = Int32(next)
    return next
  }
}
