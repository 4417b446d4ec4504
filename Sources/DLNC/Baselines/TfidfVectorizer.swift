import Foundation
import Safetensors
import Shards

/// Unigrams and bigrams with tf-idf weights, as in scikit-learn's `TfidfVectorizer(ngram_range=(1, 2),
/// min_df=2, sublinear_tf=True)`.
///
/// The unknown token 0 is not a feature and not part of a bigram, and the tokens on its two sides are
/// not adjacent: it replaces rare words, which `min_df` excludes from scikit-learn's features, too.
///
/// Character n-grams can follow; their part of a row has the length 1 by itself.
package struct TfidfVectorizer: Equatable, Sendable {
  /// The features, distinct and ascending: a token, or first token << 32 | second token.
  package let keys: [UInt64]
  /// The inverse document frequency of each feature.
  package let idf: [Float]
  /// The character n-grams, whose columns follow those of words and pairs of words; nil without any.
  package var characters: CharacterVectorizer?
  /// Where the features begin that have each first token, 0 for the unigrams, and the end of the last.
  private let starts: [Int32]

  /// The number of features.
  package var count: Int { keys.count + (characters?.count ?? 0) }

  /// The index of a feature; nil for an n-gram that is none.
  package func index(of key: UInt64) -> Int? {
    let first = Int(truncatingIfNeeded: key >> 32)
    guard first + 1 < starts.count else { return nil }
    var (low, high) = (Int(starts[first]), Int(starts[first + 1]))
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low < Int(starts[first + 1]) && keys[low] == key ? low : nil
  }

  /// A vectorizer with these features; `keys` must be distinct and ascending.
  package init(keys: [UInt64] = [], idf: [Float] = []) {
    (self.keys, self.idf) = (keys, idf)
    var starts: [Int32] = [0]
    for (index, key) in keys.enumerated() {
      let first = Int(truncatingIfNeeded: key >> 32)
      while starts.count <= first { starts.append(Int32(truncatingIfNeeded: index)) }
    }
    self.starts = starts + [Int32(truncatingIfNeeded: keys.count)]
  }

  /// A vectorizer with the features that occur in at least `minimumRows` rows of `shard`.
  /// - Parameter minimumPairRows: the same for pairs of words.
  package init(_ shard: TokenShard, minimumRows: Int = 2, ofPairs minimumPairRows: Int = 2) {
    var found: [UInt64] = []
    for row in 0..<shard.count { found += Self.ngramCounts(shard.row(row)).map(\.key) }
    found.sort()
    let kept = runLengths(found).filter {
      $0.count >= ($0.key >> 32 == 0 ? minimumRows : minimumPairRows)
    }
    let rows = Double(shard.count)
    self.init(
      keys: kept.map(\.key),
      idf: kept.map { Float(log((1 + rows) / (1 + Double($0.count))) + 1) })
  }

  /// Rows of a shard as tf-idf vectors: (1 + log of the feature's count in the row) * idf, divided by
  /// the length of the vector, separately for words and for characters. An additional last column is 1 in each row, for the intercept.
  package func rows(_ shard: TokenShard, _ range: Range<Int>) -> CSRMatrix {
    var result = CSRMatrix(width: count + 1)
    let characters = characters?.rows(shard, range)
    for row in range {
      var elements: [(column: Int32, value: Double)] = []
      var squares = 0.0
      for (key, count) in Self.ngramCounts(shard.row(row)) {
        guard let index = index(of: key) else { continue }
        let value = (1 + log(Double(count))) * Double(idf[index])
        squares += value * value
        elements.append((Int32(truncatingIfNeeded: index), value))
      }
      let length = squares.squareRoot()
      for index in elements.indices { elements[index].value /= length }
      if let cells = characters?[row - range.lowerBound] {
        elements += cells.map { (Int32(truncatingIfNeeded: keys.count) + $0.feature, $0.value) }
      }
      elements.append((Int32(truncatingIfNeeded: count), 1))
      result.append(elements)
    }
    return result
  }

  /// The distinct unigrams and bigrams of a row in ascending order, with their counts.
  static func ngramCounts(_ row: some Collection<Int32>) -> [(key: UInt64, count: Int)] {
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
    return runLengths(keys)
  }
}

/// The distinct elements of a sorted list, with their counts.
func runLengths<Key: Equatable>(_ keys: [Key]) -> [(key: Key, count: Int)] {
  var result: [(key: Key, count: Int)] = []
  for key in keys {
    if let last = result.last, last.key == key {
      result[result.count - 1].count += 1
    } else {
      result.append((key, 1))
    }
  }
  return result
}
