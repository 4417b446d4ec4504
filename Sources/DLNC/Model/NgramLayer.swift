import Foundation
import Shards
import Support
import Tokenization

/// Options of the n-gram layer: for each task a fixed linear classifier of the row's n-grams (see
/// ``TfidfVectorizer``), whose logits, each multiplied by a learned scale, are added to those of the
/// network. A part beyond the paper.
///
/// While training, the logits of a row are those of a classifier fitted without that row (see
/// ``CrossFit``). A classifier has seen the labels of its training rows, and its logits for them would
/// leave the network no errors to learn from.
public struct NgramOptions: Codable, Equatable, Sendable {
  /// The probability that a row is trained without the layer, so that the network also learns to
  /// classify alone. The logits of the other rows are not scaled up.
  public var dropout: Double
  /// How the weights are fitted; nil for `tfidf`.
  public var weights: NgramWeights?
  /// The lengths of character n-grams; nil for none.
  public var characters: CharacterLengths?

  /// Options of a layer.
  public init(
    dropout: Double = 0, weights: NgramWeights? = nil, characters: CharacterLengths? = nil
  ) {
    (self.dropout, self.weights, self.characters) = (dropout, weights, characters)
  }
}

extension TaskDescription {
  /// The n-gram layer in a model file: that of the task or, if it shares its linear layer, of all tasks
  /// that share it.
  func ngramLayer(_ options: NgramOptions) -> TaskClassifier {
    var result = TaskClassifier(
      name: sharedHead.map { "\($0.name).shared" } ?? name,
      classNames: sharedHead?.classNames ?? classNames)
    result.characters = options.characters
    return result
  }
}

extension LinearClassifier {
  /// The logits of one row of a shard, [classes]. Rows are not truncated.
  func logits<R: Real>(ofRow row: Int, in shard: TokenShard, into target: UnsafeMutablePointer<R>) {
    let classCount = summary.classNames.count
    let cells = ngrams.rows(shard, row..<row + 1).cells(0)
    for k in 0..<classCount {
      var sum = 0.0
      for cell in cells {
        sum += cell.value * Double(weights[Int(cell.column) * classCount + k])
      }
      target[k] = R(sum)
    }
  }
}

extension ModelConfiguration {
  /// Adds the logits of cross-fitted n-gram classifiers to the training rows of each task, if the
  /// network has an n-gram layer.
  ///
  /// Tasks that share their linear layer have one classifier, fitted to the rows of all of them.
  /// - Parameters:
  ///   - features: the features, with the word vectors before training.
  ///   - seed: determines the folds.
  ///   - threads: the number of threads; does not change the result.
  /// - Returns: the classifiers by task, fitted to all training rows; empty without the layer.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func fitNgramLayers(
    to data: inout [TaskDataset], _ features: BagOfWordsFeatures, seed: Int, threads: Int
  ) throws -> [String: LinearClassifier] {
    guard ngrams != nil else { return [:] }
    var layers: [String: LinearClassifier] = [:]
    for members in groups(of: data) {
      let rows =
        members.count == 1
        ? data[members[0]].train : try TaskDataset(pooling: members.map { data[$0] }).train
      let fit = try CrossFit(
        rows, features, classWeights: data[members[0]].classWeights, seed: seed, threads: threads)
      var first = 0
      for index in members {
        let shard = data[index].train
        layers[shard.task] = fit.classifier.assigned(to: TaskClassifier(of: shard))
        data[index].ngramLogits = fit.logits(first..<first + shard.count, shard.classNames)
        first += shard.count
      }
    }
    return layers
  }

  /// The indices of the data of tasks that share a linear layer; other tasks are alone.
  private func groups(of data: [TaskDataset]) -> [[Int]] {
    var groups: [(head: SharedHead?, members: [Int])] = []
    for index in data.indices {
      let head = task(data[index].train.task)?.sharedHead
      if head != nil, let group = groups.firstIndex(where: { $0.head == head }) {
        groups[group].members.append(index)
      } else {
        groups.append((head, [index]))
      }
    }
    return groups.map(\.members)
  }
}

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

  private static func fit(
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
