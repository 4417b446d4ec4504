import Foundation
import Safetensors
import Shards

/// The features of a bag of words: single words and pairs of neighbours, each with the weight that
/// its rarity gives it, as scikit-learn's `TfidfVectorizer(ngram_range=(1, 2), min_df=2,
/// sublinear_tf=True)` makes them.
///
/// The unknown word 0 is no feature and no part of a pair, and the words on its two sides are no
/// neighbours: it stands for words too rare to be told apart, and those are what `min_df` leaves
/// out of scikit-learn's features, too.
struct TfidfVectorizer: Equatable, Sendable {
  /// A word, or a pair as first word << 32 | second word. Distinct and rising.
  let keys: [UInt64]
  /// The inverse document frequency of each; [features].
  let rarity: [Float]
  private let numbers: [UInt64: Int32]

  /// How many features there are.
  var count: Int { keys.count }

  /// A table of these features; `keys` must be distinct and rising.
  init(keys: [UInt64] = [], rarity: [Float] = []) {
    (self.keys, self.rarity) = (keys, rarity)
    var numbers: [UInt64: Int32] = [:]
    numbers.reserveCapacity(keys.count)
    for (number, key) in keys.enumerated() { numbers[key] = Int32(truncatingIfNeeded: number) }
    self.numbers = numbers
  }

  /// The words and pairs that at least `minimumRows` rows of `shard` hold.
  init(_ shard: TokenShard, minimumRows: Int = 2) {
    var found: [UInt64] = []
    for row in 0..<shard.count { found += Self.counted(shard.row(row)).map(\.key) }
    found.sort()
    let kept = Self.runs(found).filter { $0.count >= minimumRows }
    let rows = Double(shard.count)
    self.init(
      keys: kept.map(\.key),
      rarity: kept.map { Float(log((1 + rows) / (1 + Double($0.count))) + 1) })
  }

  /// The rows of a shard, of length 1: (1 + log of how often the feature occurs in the row) x its
  /// rarity. A further last column is 1 in every row, the place of the intercept.
  func rows(_ shard: TokenShard, _ range: Range<Int>) -> CSRMatrix {
    var result = CSRMatrix(width: count + 1)
    for row in range {
      var cells: [(column: Int32, value: Double)] = []
      var squares = 0.0
      for (key, count) in Self.counted(shard.row(row)) {
        guard let number = numbers[key] else { continue }
        let value = (1 + log(Double(count))) * Double(rarity[Int(number)])
        squares += value * value
        cells.append((number, value))
      }
      let length = squares.squareRoot()
      for cell in cells.indices { cells[cell].value /= length }
      cells.append((Int32(truncatingIfNeeded: count), 1))
      result.append(cells)
    }
    return result
  }

  /// The distinct words and pairs of a row, rising, and how often each occurs.
  static func counted(_ row: some Collection<Int32>) -> [(key: UInt64, count: Int)] {
    var keys: [UInt64] = []
    keys.reserveCapacity(2 * row.count)
    var previous: UInt64 = 0
    for token in row {
      let word = UInt64(UInt32(bitPattern: token))
      if word != 0 { keys.append(word) }
      if word != 0, previous != 0 { keys.append(previous << 32 | word) }
      previous = word
    }
    keys.sort()
    return runs(keys)
  }

  /// Each distinct key of a sorted list, and how often it occurs.
  private static func runs(_ keys: [UInt64]) -> [(key: UInt64, count: Int)] {
    var result: [(key: UInt64, count: Int)] = []
    for key in keys {
      if let last = result.last, last.key == key {
        result[result.count - 1].count += 1
      } else {
        result.append((key, 1))
      }
    }
    return result
  }
}
