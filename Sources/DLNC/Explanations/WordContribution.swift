import Shards
import Support
import Tokenization

/// A word of a text, and how much it moved the prediction.
///
/// The number is about the logit of the predicted class. Logits are only determined up to a constant,
/// so the mean of all classes is subtracted: the logit of class k is ln p(k) minus the mean of the ln p
/// of all classes, with the calibrated probabilities p. A positive contribution speaks for the
/// predicted class. In a multi-label task it is about the most probable label, whose logit is
/// ln p - ln(1 - p).
public struct WordContribution: Equatable, Sendable {
  /// The word as the tokenizer wrote it.
  public let word: String
  /// Its contribution to the logit of the predicted class.
  public let by: Double

  /// A word with its contribution.
  public init(word: String, by: Double) { (self.word, self.by) = (word, by) }
}

extension Classifier {
  /// The words of each row that moved its prediction, the strongest first; each word of a row once,
  /// for all places where it occurs.
  ///
  /// - A bag of words: the share of the logit. The shares of all words and that of the intercept add up
  ///   to the logit. Half of the share of a pair of words goes to each, and that of a character n-gram
  ///   to its words.
  /// - A network: by how much the logit is lower if the word is unknown.
  ///
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Returns: [rows], without words that have no effect; nil for the majority class, which no word
  ///   moves.
  /// - Throws: ``UserError`` with exit status `data` if the model does not know the shard's task and
  ///   classes.
  public func explain(
    _ shard: TokenShard, threads: Int
  ) throws -> [[WordContribution]]? {
    try check(shard)
    if let linear = self as? LinearModel {
      return linear.baseline == .majority ? nil : try linear.contributions(shard, threads: threads)
    }
    return try (self as? Model)?.occlusions(shard, threads: threads)
  }
}

/// The different words of a row, in the order in which they first occur.
package struct RowWords {
  package struct Word {
    /// UTF-8.
    package let spelling: [UInt8]
    /// Whether the spelling is that of the text, and not `<unk>` in place of an unknown word that the
    /// shard does not keep.
    package let isKept: Bool
    /// The number of tokens.
    var count = 0
  }

  package private(set) var words: [Word] = []
  /// The tokens.
  package let tokens: [Int32]
  /// For each token its word, an index into `words`.
  package private(set) var indices: [Int] = []
  /// The words of the tokens 0, in their order.
  private(set) var unknown: [Int] = []

  /// The words of a row.
  package init(ofRow row: Int, in shard: TokenShard, _ vocabulary: Vocabulary) {
    tokens = Array(shard.row(row))
    var spellings =
      (shard.unknownWords(of: row)?.split(separator: UInt8(ascii: " ")) ?? []).makeIterator()
    var known: [[UInt8]: Int] = [:]
    for token in tokens {
      let kept =
        token == 0
        ? spellings.next().map(Array.init)
        : (1..<vocabulary.count).contains(Int(token)) ? Array(vocabulary[Int(token)]) : nil
      let spelling = kept ?? Vocabulary.unknown
      let index = known[spelling] ?? words.count
      if index == words.count {
        known[spelling] = index
        words.append(Word(spelling: spelling, isKept: kept != nil))
      }
      words[index].count += 1
      indices.append(index)
      if token == 0 { unknown.append(index) }
    }
  }

  /// The words with their contributions, the strongest first, without those of 0.
  /// - Parameter contributions: those of the first words.
  func ranked(_ contributions: [Double]) -> [WordContribution] {
    contributions.indices.filter { contributions[$0] != 0 }
      .sorted {
        let (left, right) = (abs(contributions[$0]), abs(contributions[$1]))
        return left != right ? left > right : $0 < $1
      }
      .map {
        WordContribution(
          word: String(decoding: words[$0].spelling, as: UTF8.self), by: contributions[$0])
      }
  }
}
