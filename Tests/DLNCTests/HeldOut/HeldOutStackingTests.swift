import Foundation
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Probabilities from the logits of rows that were held out.
struct HeldOutStackingTests {
  /// 300 rows, of which a tenth has the class 2, whose logits are 4 too low.
  private let shard = TokenShard(
    ShardHeader(task: "a", split: .train, classNames: ["x", "y", "rare"]),
    elements: [], offsets: [Int64](repeating: 0, count: 301),
    labels: (0..<300).map { $0 % 10 == 9 ? 2 : Int32($0 % 2) }, textIDs: Array(0..<300))
  private let folds = (0..<300).map { $0 / 2 % 10 }
  private var logits: [Double] {
    var stream = SplitMix64(PRNGKey(seed: 1))
    return shard.labels.flatMap { label in
      (0..<3).map { (k: Int32) in
        Double(stream.below(300)) / 100 + (k == label ? 2 : 0) - (k == 2 ? 4 : 0)
      }
    }
  }

  @Test func `a rare class is as probable on the whole as it is frequent`() throws {
    let probabilities = try HeldOutStacking(shard, [logits], folds: folds, threads: 1)
      .probabilities
    for (label, count) in shard.classCounts.enumerated() {
      let sum = stride(from: label, to: 900, by: 3).reduce(0) { $0 + probabilities[$1] }
      #expect(abs(sum - Double(count)) < 3, "class \(label): \(sum) of \(count)")
    }
    let right = shard.labels.enumerated().count { row, label in
      probabilities[row * 3..<row * 3 + 3].max() == probabilities[row * 3 + Int(label)]
    }
    #expect(right > 250)
  }

  @Test func `a classifier that knows nothing hardly counts`() throws {
    let noise = logits.indices.map { Double($0 * 37 % 101) / 10 }
    let stacking = try HeldOutStacking(shard, [noise, logits], folds: folds, threads: 1)
    let alone = try HeldOutStacking(shard, [logits], folds: folds, threads: 1)
    let loss = { (stacking: HeldOutStacking) in
      shard.labels.enumerated().reduce(0.0) { sum, item in
        sum - log(stacking.probabilities[item.offset * 3 + Int(item.element)])
      } / 300
    }
    #expect(loss(stacking) < loss(alone) + 0.05)
  }

  @Test func `the label of a row does not change its probabilities, nor do threads`() throws {
    let probabilities = try HeldOutStacking(shard, [logits], folds: folds, threads: 2)
      .probabilities
    var other = shard
    other.labels[7] = 0
    let changed = try HeldOutStacking(other, [logits], folds: folds, threads: 1).probabilities
    for row in 0..<300 {
      let same = probabilities[row * 3..<row * 3 + 3] == changed[row * 3..<row * 3 + 3]
      #expect(same == (folds[row] == folds[7]), "row \(row)")
    }
  }

  @Test func `a class without rows and a single row are no obstacle`() throws {
    var absent = shard
    absent.labels = shard.labels.map { min($0, 1) }
    let probabilities = try HeldOutStacking(absent, [logits], folds: folds, threads: 1)
      .probabilities
    #expect(stride(from: 2, to: 900, by: 3).allSatisfy { probabilities[$0] < 0.01 })
    let one = try HeldOutStacking(shard.rows([4]), [[1, 2, 3]], folds: [0], threads: 1)
    #expect(one.probabilities.allSatisfy { abs($0 - 1.0 / 3) < 1e-12 })
  }
}
