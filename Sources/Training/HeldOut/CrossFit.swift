import DLNC
import Foundation
import Shards
import Support

/// A bag-of-words classifier, fitted to all rows of a shard, and the logits of each
/// row from a classifier fitted without it (stacking, Wolpert 1992). The rows are divided into five
/// folds, with equal texts in the same fold; the classifier of a fold is fitted to the other four.
struct CrossFit {
  /// The classifier fitted to all rows.
  let classifier: LinearClassifier
  /// The logits of each row, from a classifier fitted without it, [rows, classes].
  let logits: [Double]
}

extension CrossFit {
  /// The number of folds.
  static let folds = 5
  /// The logits of a range of rows, [rows, classes], for the same classes in another order.
  func logits(_ rows: Range<Int>, _ classNames: [String]) -> [Double] {
    let names = classifier.summary.classNames
    let order = classNames.map { names.firstIndex(of: $0) ?? 0 }
    return rows.flatMap { row in order.map { logits[row * names.count + $0] } }
  }

  /// The relative norm of the gradient at which a fit ends; further steps hardly change logits.
  private static let tolerance = 1e-4

  /// Fits classifiers to the rows of `shard`.
  /// - Parameters:
  ///   - features: the features, and how their weights are fitted.
  ///   - classWeights: how much the rows of each class count in the fits; nil for the same.
  ///   - penalties: the penalties to choose from, by default those of the weights: the one with the
  ///     least cross-entropy of the rows in the fits without them.
  ///   - seed: determines the folds.
  ///   - threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  init(
    _ shard: TokenShard, _ features: BagOfWordsFeatures = BagOfWordsFeatures(),
    classWeights: ClassWeights? = nil, penalties: [Double]? = nil, seed: Int, threads: Int
  ) throws {
    let penalties = penalties ?? features.weights.penalties
    let heldOut = try Self.heldOut(
      shard, features, classWeights: classWeights, penalties: penalties,
      folds: Self.folds(shard, seed: seed), threads: threads)
    logits = heldOut.logits
    var data = TaskDataset(train: shard, validation: nil)
    data.classWeights = classWeights
    classifier = try Self.fit(TfidfDataset(data, features), heldOut.penalty, threads)
  }

  /// The logits of each row, [rows, classes], from a classifier fitted to the rows of other folds, and
  /// the penalty with the least cross-entropy of the rows.
  /// - Parameters:
  ///   - folds: the fold of each row, from 0.
  ///   - keeps: whether a row of another fold is used for a fold.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  static func heldOut(
    _ shard: TokenShard, _ features: BagOfWordsFeatures, classWeights: ClassWeights? = nil,
    penalties: [Double], folds: [Int], keeps: (_ fold: Int, _ row: Int) -> Bool = { _, _ in true },
    threads: Int
  ) throws -> (logits: [Double], penalty: Double) {
    var fits = penalties.map { _ in
      (logits: [Double](repeating: 0, count: shard.count * shard.classNames.count), loss: 0.0)
    }
    for fold in 0...(folds.max() ?? 0) {
      let heldOut = folds.indices.filter { folds[$0] == fold }
      let rest = folds.indices.filter { folds[$0] != fold && keeps(fold, $0) }
      guard !heldOut.isEmpty, !rest.isEmpty else { continue }
      var data = TaskDataset(train: shard.rows(rest), validation: shard.rows(heldOut))
      data.classWeights = classWeights
      let samples = TfidfDataset(data, features)
      for (index, penalty) in penalties.enumerated() {
        let classifier = try fit(samples, penalty, threads)
        let logits = samples.validation.map { classifier.logits($0, threads: threads) } ?? []
        fits[index].loss += store(logits, of: heldOut, shard, into: &fits[index].logits)
      }
    }
    let best = fits.indices.dropFirst().reduce(0) {
      fits[$1].loss < fits[$0].loss ? $1 : $0
    }
    return (fits[best].logits, penalties[best])
  }

  /// The fit of a layer, with one penalty.
  static func fit(
    _ samples: TfidfDataset, _ penalty: Double, _ threads: Int
  ) throws -> LinearClassifier {
    let rows = samples.train.count
    return try LinearClassifier(
      samples, penalty: penalty, tolerance: tolerance,
      // As if one more row had the absent class, so that the network can outweigh this logit.
      absentClassLogit: Float(-log(Double(rows + 1))), threads: threads)
  }

  /// Stores the logits of a fold's rows.
  /// - Returns: the sum of the rows' cross-entropies.
  private static func store(
    _ foldLogits: [Double], of rows: [Int], _ shard: TokenShard, into logits: inout [Double]
  ) -> Double {
    let classCount = shard.classNames.count
    var loss = 0.0
    for (index, row) in rows.enumerated() {
      var values = Array(foldLogits[index * classCount..<(index + 1) * classCount])
      logits.replaceSubrange(row * classCount..<(row + 1) * classCount, with: values)
      loss += OutputFunction(isMultiLabel: shard.isMultiLabel)
        .apply(&values, 0..<classCount, classes: shard.classes(of: row))
    }
    return loss
  }

  /// The fold of each row: distinct texts are shuffled and dealt out in turn.
  static func folds(_ shard: TokenShard, count: Int = folds, seed: Int) -> [Int] {
    var stream = SplitMix64(PRNGKey(seed: seed).foldIn("folds").foldIn(shard.task))
    var groups = Set(shard.textIDs).sorted()
    stream.shuffle(&groups)
    let foldOfGroup = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0 % count) })
    return shard.textIDs.map { foldOfGroup[$0] ?? 0 }
  }
}
