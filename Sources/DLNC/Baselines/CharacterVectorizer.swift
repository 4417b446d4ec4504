import Foundation
import Shards
import Support
import Tokenization

/// The lengths of character n-grams, such as 3-5.
public struct CharacterLengths: Codable, Equatable, LosslessStringConvertible, Sendable {
  /// The shortest.
  public let minimum: Int
  /// The longest.
  public let maximum: Int

  /// The lengths that can be chosen.
  public static let range = 1...10

  /// Lengths from `minimum` to `maximum`; nil unless they are ascending and in ``range``.
  public init?(_ minimum: Int, _ maximum: Int) {
    guard minimum <= maximum, Self.range.contains(minimum), Self.range.contains(maximum) else {
      return nil
    }
    (self.minimum, self.maximum) = (minimum, maximum)
  }

  /// Parses `description`.
  public init?(_ description: String) {
    let numbers = description.split(separator: "-", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard numbers.count == 2, let first = numbers[0], let last = numbers[1] else { return nil }
    self.init(first, last)
  }

  /// The shortest and the longest, as in `3-5`.
  public var description: String { "\(minimum)-\(maximum)" }

  /// Reads `description`.
  public init(from decoder: any Swift.Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let lengths = Self(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "“\(text)”, no lengths such as 3-5")
      )
    }
    self = lengths
  }

  /// Writes `description`.
  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// The lengths of character n-grams, and the words of the tokens.
package struct CharacterSource: Equatable {
  package let lengths: CharacterLengths
  let vocabulary: Vocabulary

  package init(lengths: CharacterLengths, vocabulary: Vocabulary) {
    self.lengths = lengths
    self.vocabulary = vocabulary
  }
}

/// The character n-grams of words with tf-idf weights, as in scikit-learn's
/// `TfidfVectorizer(analyzer="char_wb", min_df=2, sublinear_tf=True)` on tokens joined by spaces. A
/// space before and after each token marks its ends. Unknown words have n-grams, too.
package struct CharacterVectorizer: Equatable, Sendable {
  let source: CharacterSource
  /// The n-grams in the order of their UTF-8 bytes, each under the number of its column.
  package let ngrams: TokenInterner
  /// The inverse document frequency of each n-gram.
  package let idf: [Float]

  /// The lengths of the n-grams.
  package var lengths: CharacterLengths { source.lengths }
  /// The number of features.
  var count: Int { idf.count }

  /// A vectorizer with these features; `ngrams` must be ascending.
  init(_ source: CharacterSource, ngrams: TokenInterner, idf: [Float]) {
    (self.source, self.ngrams, self.idf) = (source, ngrams, idf)
  }

  /// A vectorizer with the n-grams that occur in at least two rows of `shard`, which must keep its
  /// unknown words. Most n-grams are in a single row, and do not help.
  package init(_ shard: TokenShard, _ source: CharacterSource) {
    var reader = CharacterReader(source, addsNew: true)
    var rows: [Int] = []
    for row in 0..<shard.count {
      let counts = reader.counts(ofRow: row, in: shard)
      if rows.count < reader.ngrams.count {
        rows += repeatElement(0, count: reader.ngrams.count - rows.count)
      }
      for (ngram, _) in counts { rows[Int(ngram)] += 1 }
    }
    let found = reader.ngrams
    let kept = rows.indices.filter { rows[$0] >= 2 }.sorted {
      found[$0].lexicographicallyPrecedes(found[$1])
    }
    var ngrams = TokenInterner(capacity: kept.count)
    for number in kept { ngrams.add(found[number]) }
    self.init(
      source, ngrams: ngrams,
      idf: kept.map { Float(log(Double(1 + shard.count) / Double(1 + rows[$0])) + 1) })
  }

  /// The features of a word in ascending order, with their counts.
  func counts(of word: [UInt8]) -> [(key: Int32, count: Int)] {
    var reader = CharacterReader(source, ngrams: ngrams, addsNew: false)
    var numbers: [Int32] = []
    reader.read(word, into: &numbers)
    numbers.sort()
    return runLengths(numbers)
  }

  /// Rows of a shard as tf-idf vectors of length 1, sorted by feature.
  func rows(_ shard: TokenShard, _ range: Range<Int>) -> [[(feature: Int32, value: Double)]] {
    var reader = CharacterReader(source, ngrams: ngrams, addsNew: false)
    return range.map { row in
      let values = reader.counts(ofRow: row, in: shard).map { ngram, count in
        (ngram, (1 + log(Double(count))) * Double(idf[Int(ngram)]))
      }
      let length = values.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
      return values.map { ($0, $1 / length) }
    }
  }
}

/// Counts the character n-grams of rows. The n-grams of a known word are looked up once.
private struct CharacterReader {
  private(set) var ngrams: TokenInterner
  private let source: CharacterSource
  /// Whether n-grams that are not in `ngrams` are added to it, or skipped.
  private let addsNew: Bool
  /// The numbers of the n-grams of each known word so far.
  private var known: [Int32: [Int32]] = [:]
  /// Scratch space: a word between spaces, and where its characters begin, and the end.
  private var text: [UInt8] = []
  private var starts: [Int] = []

  init(_ source: CharacterSource, ngrams: TokenInterner = TokenInterner(), addsNew: Bool) {
    (self.source, self.ngrams, self.addsNew) = (source, ngrams, addsNew)
  }

  /// The numbers of the n-grams of a row in ascending order, with their counts.
  mutating func counts(ofRow row: Int, in shard: TokenShard) -> [(key: Int32, count: Int)] {
    var numbers: [Int32] = []
    var unknown =
      (shard.unknownWords(of: row)?.split(separator: UInt8(ascii: " ")) ?? []).makeIterator()
    for token in shard.row(row) {
      if token == 0 {
        if let word = unknown.next() { read(word, into: &numbers) }
      } else if let word = known[token] {
        numbers += word
      } else if source.vocabulary.counts.indices.contains(Int(token)) {
        var word: [Int32] = []
        read(source.vocabulary[Int(token)], into: &word)
        known[token] = word
        numbers += word
      }
    }
    numbers.sort()
    return runLengths(numbers)
  }

  /// Appends the numbers of the n-grams of a word. A word that is shorter than an n-gram counts as one.
  mutating func read(_ word: some Collection<UInt8>, into numbers: inout [Int32]) {
    text.removeAll(keepingCapacity: true)
    text.append(UInt8(ascii: " "))
    text += word
    text.append(UInt8(ascii: " "))
    starts.removeAll(keepingCapacity: true)
    for index in text.indices where text[index] & 0xC0 != 0x80 { starts.append(index) }
    let count = starts.count
    starts.append(text.count)
    for length in source.lengths.minimum...source.lengths.maximum {
      for first in 0...max(count - length, 0) {
        let range = starts[first]..<starts[min(first + length, count)]
        let number = text.withUnsafeBufferPointer { text -> Int? in
          let ngram = UnsafeBufferPointer(rebasing: text[range])
          return addsNew ? ngrams.add(ngram) : ngrams.id(of: ngram)
        }
        if let number { numbers.append(Int32(truncatingIfNeeded: number)) }
      }
      if count <= length { break }
    }
  }
}

extension TokenShard {
  /// Checks that the words of all tokens are known, of which character n-grams are made.
  /// - Parameter location: by default the task.
  /// - Throws: ``UserError`` with exit status `data`.
  package func requireUnknownWords(at location: String? = nil) throws {
    guard !keepsUnknownWords else { return }
    throw UserError(
      .data, at: location ?? "the rows of “\(header.task)”",
      problem:
        "\(header.split.rawValue) rows without unknown words, as earlier versions wrote them",
      expected: "a tensor “unknown”, for character n-grams", hint: "run vocab again")
  }
}
