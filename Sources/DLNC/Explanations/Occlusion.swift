import Shards
import Support
import Tokenization

extension Model {
  /// The number of words of a text whose effects are found; those that occur first.
  static let occludedWords = 400
  /// The number of tokens of all variants of a text. With texts of more than about 10,000 tokens, fewer
  /// words are tried.
  static let occludedTokens = 1 << 22
  /// The number of tokens after which no further text is added to a batch.
  private static let batchTokens = 1 << 20

  /// By how much the logit of the predicted class of each row is lower if a word is unknown.
  ///
  /// The variants of several rows are classified in one batch, which does not change the result.
  func occlusions(_ shard: TokenShard, threads: Int) throws -> [[WordContribution]] {
    let classCount = shard.classNames.count
    var result: [[WordContribution]] = []
    while result.count < shard.count {
      var variants = ShardBuilder<Int32>(shard.header)
      var rows: [(words: RowWords, tried: Int)] = []
      repeat {
        let words = RowWords(ofRow: result.count + rows.count, in: shard, vocabulary)
        rows.append((words, append(words, to: &variants, of: shard.task)))
      } while result.count + rows.count < shard.count
        && variants.elements.count < Self.batchTokens
      let probabilities = try classify(variants.shard, threads: threads).probabilities
      var start = 0
      for (words, tried) in rows {
        let label = argmax(Array(probabilities[start..<start + classCount]), count: classCount)
        let logits = (0...tried).map { variant in
          let first = start + variant * classCount
          return shard.isMultiLabel
            ? labelLogit(of: probabilities[first + label])
            : logit(of: label, in: probabilities[first..<first + classCount])
        }
        result.append(words.ranked(logits.dropFirst().map { logits[0] - $0 }))
        start += (tried + 1) * classCount
      }
    }
    return result
  }

  /// Appends a row, and a variant for each of its words in which the word is unknown.
  /// - Returns: the number of variants.
  private func append(
    _ row: RowWords, to variants: inout ShardBuilder<Int32>, of task: String
  ) -> Int {
    // Without an n-gram layer, tokens after the maximum length have no effect.
    let maximumLength = configuration.task(task).flatMap { self.maximumLength(of: $0) } ?? .max
    let length =
      configuration.ngrams == nil ? min(row.tokens.count, maximumLength) : row.tokens.count
    let words = (row.indices.prefix(length).max() ?? -1) + 1
    let tried = min(words, Self.occludedWords, max(1, Self.occludedTokens / max(length, 1)))
    let space = UInt8(ascii: " ")
    for word in -1..<tried {
      variants.append(
        zip(row.tokens, row.indices).prefix(length).map { $1 == word ? 0 : $0 },
        label: 0, textID: 0,
        unknownWords: Array(
          row.unknown.filter { $0 != word && row.words[$0].isKept }
            .map { row.words[$0].spelling }.joined(separator: [space])))
    }
    return tried
  }

  /// The logit of a class, minus the mean of all classes.
  private func logit(of label: Int, in probabilities: ArraySlice<Float>) -> Double {
    let logits = probabilities.map(DLNC.logit)
    return logits[label] - logits.reduce(0, +) / Double(logits.count)
  }
}
