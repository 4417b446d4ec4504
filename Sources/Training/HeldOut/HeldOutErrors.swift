import DLNC
import Shards
import Support
import Tokenization

/// The errors of bags of words on held-out rows, by the number of rows that they were fitted to.
public struct HeldOutErrors: Sendable {
  /// The mean number of rows that a classifier was fitted to, by share.
  public var fitted: [Double]
  /// The number of held-out rows of each part.
  public var rows: [Int]
  /// The number of errors on the held-out rows of each part, [shares, parts].
  public var errors: [[Int]]

  /// Errors that were counted.
  public init(fitted: [Double], rows: [Int], errors: [[Int]]) {
    (self.fitted, self.rows, self.errors) = (fitted, rows, errors)
  }
}

extension TokenizedDataset {
  /// Counts the errors of bags of words that were fitted to shares of the rows, on other rows.
  ///
  /// The rows are divided into parts as for ``heldOutProbabilities(_:threads:)``. For each part, the other
  /// rows are shuffled, independently of other parts, and a share are the first rows of each class, at
  /// least one. The rows of a smaller share are part of a larger one.
  /// - Parameters:
  ///   - shard: labelled rows of this dataset. Rows with the same text ID are in the same part.
  ///   - shares: fractions of the rows, above 0 and at most 1.
  ///   - threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  public func heldOutErrors(
    _ shard: TokenShard, shares: [Double], threads: Int
  ) throws -> HeldOutErrors {
    let (weights, classCount) = (NgramWeights.ensemble, shard.classNames.count)
    let folds = CrossFit.folds(shard, count: Self.parts, seed: 1)
    let ranks = (0..<Self.parts).map { Self.ranks(shard, folds, without: $0) }
    var result = HeldOutErrors(
      fitted: [], rows: (0..<Self.parts).map { part in folds.count { $0 == part } }, errors: [])
    for share in shares {
      let logits = try CrossFit.heldOut(
        shard, BagOfWordsFeatures(weights: weights, embedding: embedding),
        penalties: [weights.defaultPenalty], folds: folds, keeps: { ranks[$0][$1] < share },
        threads: threads
      ).logits
      var errors = [Int](repeating: 0, count: Self.parts)
      for (row, label) in shard.labels.enumerated() {
        let values = Array(logits[row * classCount..<(row + 1) * classCount])
        if argmax(values, count: classCount) != Int(label) { errors[folds[row]] += 1 }
      }
      let used = ranks.reduce(0) { $0 + $1.count { $0 < share } }
      result.fitted.append(Double(used) / Double(Self.parts))
      result.errors.append(errors)
    }
    return result
  }

  /// The position of each row among the shuffled rows of its class that are not in a part, as a fraction
  /// from 0 to less than 1; infinite in the part.
  private static func ranks(_ shard: TokenShard, _ folds: [Int], without part: Int) -> [Double] {
    var order = folds.indices.filter { folds[$0] != part }
    var stream = SplitMix64(PRNGKey(seed: 1).foldIn("shares").foldIn(part).foldIn(shard.task))
    stream.shuffle(&order)
    var result = [Double](repeating: .infinity, count: shard.count)
    for label in shard.classNames.indices {
      let rows = order.filter { Int(shard.labels[$0]) == label }
      for (position, row) in rows.enumerated() {
        result[row] = Double(position) / Double(rows.count)
      }
    }
    return result
  }
}
