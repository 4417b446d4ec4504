import Shards
import Tokenization

extension LinearModel {
  /// The contributions of the words of each row to the logit of its predicted class.
  func contributions(_ shard: TokenShard, threads: Int) throws -> [[WordContribution]] {
    guard let classifier = classifiers.first(where: { $0.summary.name == shard.task }) else {
      return []
    }
    let (probabilities, _) = try classify(shard, threads: threads)
    let classCount = shard.classNames.count
    return (0..<shard.count).map { row in
      let label = argmax(
        Array(probabilities[row * classCount..<(row + 1) * classCount]), count: classCount)
      let words = RowWords(ofRow: row, in: shard, vocabulary)
      return words.ranked(classifier.contributions(of: words, row, in: shard, label: label))
    }
  }
}

extension LinearClassifier {
  /// The contributions of the words of a row to the logit of a class, [words]. With ``interceptContribution(label:)``
  /// they add up to the logit.
  func contributions(of row: RowWords, _ index: Int, in shard: TokenShard, label: Int) -> [Double] {
    var contributions = [Double](repeating: 0, count: row.words.count)
    var wordOfToken: [Int32: Int] = [:]
    for (token, word) in zip(row.tokens, row.indices) { wordOfToken[token] = word }
    let characters = characterCounts(row)
    for cell in ngrams.rows(shard, index..<index + 1).cells(0).dropLast() {
      let contribution = cell.value * weight(Int(cell.column), label: label)
      if Int(cell.column) < ngrams.keys.count {
        let key = ngrams.keys[Int(cell.column)]
        let tokens = key >> 32 == 0 ? [key] : [key >> 32, key & 0xFFFF_FFFF]
        for token in tokens {
          guard let word = wordOfToken[Int32(truncatingIfNeeded: token)] else { continue }
          contributions[word] += contribution / Double(tokens.count)
        }
      } else if let counts = characters[Int(cell.column) - ngrams.keys.count] {
        let total = counts.reduce(0) { $0 + $1.count }
        for (word, count) in counts {
          contributions[word] += contribution * Double(count) / Double(total)
        }
      }
    }
    return contributions
  }

  /// The contribution of the intercept to the logit of a class.
  func interceptContribution(label: Int) -> Double { weight(ngrams.count, label: label) }

  /// The weight of a feature for a class, minus the mean of all classes unless the task is multi-label,
  /// and divided by the temperature.
  private func weight(_ feature: Int, label: Int) -> Double {
    let classCount = summary.classNames.count
    let row = weights[feature * classCount..<(feature + 1) * classCount]
    let mean =
      summary.labelThresholds == nil ? row.reduce(0) { $0 + Double($1) } / Double(classCount) : 0
    return (Double(weights[feature * classCount + label]) - mean)
      / (summary.calibration?.temperature ?? 1)
  }

  /// For each character n-gram the words that have it, and how often it occurs in all their tokens.
  private func characterCounts(_ row: RowWords) -> [Int: [(word: Int, count: Int)]] {
    guard let characters = ngrams.characters else { return [:] }
    var result: [Int: [(word: Int, count: Int)]] = [:]
    for (index, word) in row.words.enumerated() where word.isKept {
      for (ngram, count) in characters.counts(of: word.spelling) {
        result[Int(ngram), default: []].append((index, count * word.count))
      }
    }
    return result
  }
}
