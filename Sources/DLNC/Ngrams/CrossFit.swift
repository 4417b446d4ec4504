import Foundation
import Shards
import Support

/// The bag of words of one task, fitted to all of its training rows, and what fits without a row
/// make of that row (Wolpert 1992): the rows are dealt to five folds, equal texts to the same one,
/// and each fold is scored by a fit to the other four.
struct CrossFit {
  /// The classifier fitted to all rows.
  let classifier: SoftmaxClassifier
  /// The logits of each row, from a classifier fitted without it, [rows, classes].
  let logits: [Double]
}

extension CrossFit {
  /// How many folds there are.
  static let folds = 5
  /// A gradient so much shorter than at the start is the end: later digits move no score that
  /// counts.
  private static let tolerance = 1e-4

  /// Fits to the rows of `shard`.
  /// - Parameters:
  ///   - penalties: the strengths of the penalty to choose among: the one is taken that gives the
  ///     rows the least cross-entropy by fits that do not know them.
  ///   - seed: decides the folds.
  ///   - threads: how many to use; changes no byte.
  /// - Throws: ``UserError`` of kind `usage` if a fit does not end.
  init(
    _ shard: TokenShard, penalties: [Double] = LinearModel.penalties, seed: Int, threads: Int
  ) throws {
    let folds = Self.folds(shard, seed: seed)
    var trials = penalties.map { _ in
      (scores: [Double](repeating: 0, count: shard.count * shard.classNames.count), loss: 0.0)
    }
    for fold in 0..<Self.folds {
      let held = folds.indices.filter { folds[$0] == fold }
      let rest = folds.indices.filter { folds[$0] != fold }
      guard !held.isEmpty, !rest.isEmpty else { continue }
      let samples = TfidfDataset(
        TaskDataset(train: shard.rows(rest), validation: shard.rows(held)))
      for (trial, penalty) in penalties.enumerated() {
        let head = try Self.fit(samples, penalty, threads)
        let found = samples.validation.map { head.logits($0, threads: threads) } ?? []
        trials[trial].loss += Self.place(found, of: held, shard, into: &trials[trial].scores)
      }
    }
    let best = trials.indices.dropFirst().reduce(0) {
      trials[$1].loss < trials[$0].loss ? $1 : $0
    }
    logits = trials[best].scores
    classifier = try Self.fit(
      TfidfDataset(TaskDataset(train: shard, validation: nil)), penalties[best], threads)
  }

  private static func fit(
    _ samples: TfidfDataset, _ penalty: Double, _ threads: Int
  ) throws -> SoftmaxClassifier {
    let rows = samples.train.count
    return try SoftmaxClassifier(
      samples, penalty: penalty, tolerance: tolerance,
      // As if one row more had a class that none has: the network must be able to overrule it.
      absentClassLogit: Float(-log(Double(rows + 1))), threads: threads)
  }

  /// Puts the scores of a fold's rows where they belong.
  /// - Returns: the rows' summed cross-entropy.
  private static func place(
    _ found: [Double], of rows: [Int], _ shard: TokenShard, into scores: inout [Double]
  ) -> Double {
    let classCount = shard.classNames.count
    var loss = 0.0
    for (place, row) in rows.enumerated() {
      var values = Array(found[place * classCount..<(place + 1) * classCount])
      scores.replaceSubrange(row * classCount..<(row + 1) * classCount, with: values)
      loss += softmax(&values, 0..<classCount, target: Int(shard.labels[row]))
    }
    return loss
  }

  /// The fold of each row: texts are shuffled and dealt out in turn.
  static func folds(_ shard: TokenShard, seed: Int) -> [Int] {
    var stream = SplitMix64(PRNGKey(seed: seed).foldIn("folds").foldIn(shard.task))
    var groups = Set(shard.textIDs).sorted()
    stream.shuffle(&groups)
    let turns = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0 % folds) })
    return shard.textIDs.map { turns[$0] ?? 0 }
  }
}

extension TokenShard {
  /// A shard of these rows.
  func rows(_ rows: [Int]) -> TokenShard {
    TokenShard(
      header,
      elements: rows.flatMap { Array(row($0)) },
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64(row($1).count)) },
      labels: rows.map { labels[$0] }, textIDs: rows.map { textIDs[$0] })
  }
}
