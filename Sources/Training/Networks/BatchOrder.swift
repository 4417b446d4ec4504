import DLNC
import Foundation
import Shards
import Support

/// The batches of each epoch, a function of seed and epoch: each task's rows are shuffled and grouped
/// by similar length, then the batches of all tasks are shuffled.
struct BatchOrder {
  private let shards: [TokenShard]
  private let settings: TrainingSettings
  /// The number of batches whose rows are sorted by length together.
  private let bucketSize = 20
  /// The truncated length of each row, by shard.
  private let lengths: [[Int32]]

  init(_ shards: [TokenShard], _ settings: TrainingSettings) {
    self.shards = shards
    self.settings = settings
    lengths = shards.map { $0.lengths.map { Int32(min(settings.maximumLength, $0, 1 << 30)) } }
  }

  /// The number of batches in an epoch.
  var count: Int { batchCounts.reduce(0, +) }

  /// The batches of an epoch, counted from zero.
  func batches(epoch: Int) -> EpochBatches {
    let key = PRNGKey(seed: settings.seed).foldIn("order").foldIn(epoch)
    var orders: [[Int32]] = []
    var starts: [(task: Int32, start: Int32)] = []
    for (task, (shard, batches)) in zip(shards, batchCounts).enumerated() {
      var generator = SplitMix64(key.foldIn(shard.task))
      let rows = settings.mixing == 1 ? shard.count : batches * settings.batch
      var order: [Int32] = []
      while order.count < rows {
        var round = Array(0..<Int32(shard.count))
        generator.shuffle(&round)
        order += round.prefix(rows - order.count)
      }
      sortBuckets(of: &order, by: lengths[task])
      orders.append(order)
      starts += stride(from: 0, to: rows, by: settings.batch).map { (Int32(task), Int32($0)) }
    }
    var generator = SplitMix64(key)
    generator.shuffle(&starts)
    return EpochBatches(shards: shards, settings: settings, orders: orders, starts: starts)
  }

  private var batchCounts: [Int] { Self.batchCounts(shards.map(\.count), settings) }

  /// The number of batches of each task in an epoch, for tasks with these numbers of rows.
  static func batchCounts(_ rows: [Int], _ settings: TrainingSettings) -> [Int] {
    let complete = rows.map { ($0 + settings.batch - 1) / settings.batch }
    guard settings.mixing != 1 else { return complete }
    let weights = rows.map { pow(Double($0), settings.mixing) }
    let batchesPerWeight = Double(complete.reduce(0, +)) / weights.reduce(0, +)
    return weights.map { max(1, Int(($0 * batchesPerWeight).rounded())) }
  }

  /// Sorts each bucket of an order by length.
  private func sortBuckets(of order: inout [Int32], by lengths: [Int32]) {
    let size = settings.batch * bucketSize
    for start in stride(from: 0, to: order.count, by: size) {
      let bucket = Array(order[start..<min(start + size, order.count)])
      let sorted = descendingOrder(bucket.map { lengths[Int($0)] }).map { bucket[$0] }
      order.replaceSubrange(start..<start + bucket.count, with: sorted)
    }
  }
}

/// The batches of an epoch, each created on access; an epoch takes 4 bytes per row.
struct EpochBatches: RandomAccessCollection {
  fileprivate let shards: [TokenShard]
  fileprivate let settings: TrainingSettings
  /// The rows of each task in the order of the epoch.
  fileprivate let orders: [[Int32]]
  /// The task of each batch, and its first row in the task's order.
  fileprivate let starts: [(task: Int32, start: Int32)]

  var startIndex: Int { 0 }
  var endIndex: Int { starts.count }

  subscript(position: Int) -> Batch {
    let (task, start) = (Int(starts[position].task), Int(starts[position].start))
    let end = Swift.min(start + settings.batch, orders[task].count)
    return Batch(
      shard: shards[task], indices: orders[task][start..<end].map { Int($0) },
      maxLength: settings.maximumLength, regularization: settings.regularization)
  }
}
