import Safetensors
import Tokenization
/// How much of one split's text the vectors and the vocabulary know, by token (each occurrence of a
/// word) and by type (each word once).
public struct Coverage: Codable, Equatable, Sendable {
  /// A word and how often it occurs.
  public struct Missing: Codable, Equatable, Sendable {
    /// The word, printable.
    public var word: String
    /// How often it occurs in the split.
    public var count: Int64
  }

  /// The task.
  public let task: String
  /// `train`, `validation` or `test`.
  public let split: String
  /// How many rows there are.
  public let rows: Int
  /// How many of them have no word.
  public let emptyRows: Int
  /// How many words, each occurrence counted.
  public private(set) var tokens: Int64 = 0
  /// How many different words.
  public private(set) var types = 0
  /// How many of the tokens the vectors have.
  public private(set) var tokensWithVector: Int64 = 0
  /// How many of the types the vectors have.
  public private(set) var typesWithVector = 0
  /// How many of the tokens are in the vocabulary; the others are the unknown word.
  public private(set) var tokensInVocabulary: Int64 = 0
  /// How many of the types are in the vocabulary.
  public private(set) var typesInVocabulary = 0
  /// The most frequent words that the vectors do not have.
  public private(set) var missing: [Missing] = []

  /// Measures one split.
  /// - Parameters:
  ///   - words: all words of all splits.
  ///   - hasVector: of each word, whether the vectors have it.
  ///   - ids: of each word, its number in the vocabulary, 0 if it is not there.
  init(
    of split: CorpusTokenizer.SplitStatistics, words: TokenInterner, hasVector: [Bool], ids: [Int32]
  ) {
    (task, self.split) = (split.task, split.split.rawValue)
    (rows, emptyRows) = (split.rows, split.emptyRows)
    var absent: [(word: ArraySlice<UInt8>, count: Int64)] = []
    for (word, count) in split.counts.enumerated() where count > 0 {
      tokens += count
      types += 1
      if ids[word] > 0 {
        tokensInVocabulary += count
        typesInVocabulary += 1
      }
      if hasVector[word] {
        tokensWithVector += count
        typesWithVector += 1
      } else {
        absent.append((words[word], count))
      }
    }
    missing = absent.mostFrequent().prefix(10).map {
      Missing(word: String(decoding: $0.word, as: UTF8.self), count: $0.count)
    }
  }
}

extension [(word: ArraySlice<UInt8>, count: Int64)] {
  /// The most frequent first, those of equal count in the order of their bytes.
  func mostFrequent() -> Self {
    sorted { left, right in
      left.count != right.count
        ? left.count > right.count : left.word.lexicographicallyPrecedes(right.word)
    }
  }
}
