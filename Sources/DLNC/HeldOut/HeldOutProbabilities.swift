import Shards
import Tokenization

extension TokenizedDataset {
  /// The number of parts into which rows are divided. More of them find more wrong labels, because each
  /// classifier has more rows, and take longer.
  static let parts = 10

  /// The class probabilities of each row, [rows, classes], from bags of words that were fitted without it.
  ///
  /// The rows are divided into ten parts, and a bag of words with the weights
  /// ``NgramWeights/ensemble`` is fitted to each nine of them. The temperature is that of the least
  /// cross-entropy of all rows.
  /// - Parameters:
  ///   - shard: labelled rows of this dataset. Rows with the same text ID are in the same part.
  ///   - threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  public func heldOutProbabilities(_ shard: TokenShard, threads: Int) throws -> [Double] {
    let weights = NgramWeights.ensemble
    let classCount = shard.classNames.count
    var values = try CrossFit.heldOut(
      shard, BagOfWordsFeatures(weights: weights, embedding: embedding),
      penalties: [weights.defaultPenalty], folds: CrossFit.folds(shard, count: Self.parts, seed: 1),
      threads: threads
    ).logits
    let rows = shard.labels.indices.map { $0 * classCount..<($0 + 1) * classCount }
    var plain = values
    for (row, range) in rows.enumerated() { softmax(&plain, range, target: Int(shard.labels[row])) }
    let temperature =
      TemperatureScaling(plain.map { Float($0) }, of: shard)?.temperature ?? 1
    for (row, range) in rows.enumerated() {
      for index in range { values[index] /= temperature }
      softmax(&values, range, target: Int(shard.labels[row]))
    }
    return values
  }
}
