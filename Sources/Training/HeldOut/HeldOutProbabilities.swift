import DLNC
import Shards
import Tokenization

extension TokenizedDataset {
  /// The number of parts into which rows are divided. More of them find more wrong labels, because each
  /// classifier has more rows, and take longer.
  static let parts = 10

  /// The class probabilities of each row, [rows, classes], from classifiers that were fitted without it.
  ///
  /// The rows are divided into ten parts, and bags of words with the weights
  /// ``NgramWeights/ensemble`` are fitted to each nine of them, with and without word vectors. A label that
  /// both reject is more often wrong than one that a single classifier rejects. The fits without
  /// vectors have another division, so that their errors differ more.
  /// - Parameters:
  ///   - shard: rows of this dataset with one label each. Rows with the same text ID are in the same part.
  ///   - threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  public func heldOutProbabilities(_ shard: TokenShard, threads: Int) throws -> [Double] {
    let weights = NgramWeights.ensemble
    let divisions = [1, 2].map { CrossFit.folds(shard, count: Self.parts, seed: $0) }
    let logits = try zip([embedding, nil], divisions).map { embedding, folds in
      try CrossFit.heldOut(
        shard, BagOfWordsFeatures(weights: weights, embedding: embedding),
        penalties: [weights.defaultPenalty], folds: folds, threads: threads
      ).logits
    }
    return try HeldOutStacking(shard, logits, folds: divisions[0], threads: threads).probabilities
  }
}

/// Probabilities from held-out logits of several classifiers, by multinomial logistic regression of the
/// labels on the logits (stacking, Wolpert 1992). It weighs the classifiers, and it corrects
/// classes that they make too probable or too improbable: a temperature alone would let rows of small
/// classes crowd the top of the suspects.
struct HeldOutStacking {
  /// The probabilities, [rows, classes]. The regression of a row is not fitted to its label.
  private(set) var probabilities: [Double]

  /// The penalty on the weights, and the relative norm of the gradient at which a fit ends.
  private static let (penalty, tolerance) = (1.0, 1e-6)

  /// Computes the probabilities of each part with a regression that is fitted to the other parts.
  /// - Parameters:
  ///   - logits: for each classifier the logits of each row, from a fit without it, [rows, classes].
  ///   - folds: the part of each row, from 0.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  init(_ shard: TokenShard, _ logits: [[Double]], folds: [Int], threads: Int) throws {
    let classCount = shard.classNames.count
    let width = logits.count * classCount + 1
    probabilities = [Double](repeating: 0, count: shard.count * classCount)
    for part in Set(folds).sorted() {
      var (fitted, others) = (CSRMatrix(width: width), CSRMatrix(width: width))
      for (row, fold) in folds.enumerated() {
        let range = row * classCount..<(row + 1) * classCount
        var values: [Double] = logits.flatMap { Array($0[range]) }
        values.append(1)
        let cells = values.enumerated().map {
          (column: Int32(truncatingIfNeeded: $0), value: $1)
        }
        if fold == part { others.append(cells) } else { fitted.append(cells) }
      }
      let rows = folds.indices.filter { folds[$0] == part }
      let targets = folds.indices.filter { folds[$0] != part }.map { Int(shard.labels[$0]) }
      let fit = SoftmaxRegression(
        fitted, transposed: fitted.transposed, targets: targets, classCount: classCount,
        penalty: Self.penalty, threads: threads
      ).minimum(tolerance: Self.tolerance)
      guard let fit else { throw LinearClassifier.doesNotConverge(Self.penalty, shard.task) }
      var values = [Double](repeating: 0, count: rows.count * classCount)
      others.multiply(fit.weights, columns: classCount, into: &values, threads: threads)
      for (index, row) in rows.enumerated() {
        let range = row * classCount..<(row + 1) * classCount
        probabilities.replaceSubrange(
          range, with: values[index * classCount..<(index + 1) * classCount])
        softmax(&probabilities, range, target: Int(shard.labels[row]))
      }
    }
  }
}
