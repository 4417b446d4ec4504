import Foundation
import Safetensors
import Shards
import Support

/// The batches of one epoch: each task's rows in random order, rows of like length together, the
/// batches of all tasks in random order. A function of seed and epoch.
struct BatchOrder {
  private let shards: [TokenShard]
  private let settings: TrainingSettings
  /// Rows are sorted by length within so many batches' worth of the random order.
  private let pool = 20
  /// How many words are read of each row, by shard.
  private let lengths: [[Int32]]

  init(_ shards: [TokenShard], _ settings: TrainingSettings) {
    self.shards = shards
    self.settings = settings
    lengths = shards.map { $0.lengths.map { Int32(min(settings.maximumLength, $0, 1 << 30)) } }
  }

  /// How many batches an epoch has.
  var count: Int { shares.reduce(0, +) }

  /// The batches of one epoch, counted from zero.
  func batches(epoch: Int) -> EpochBatches {
    let key = PRNGKey(seed: settings.seed).foldIn("order").foldIn(epoch)
    var orders: [[Int32]] = []
    var starts: [(task: Int32, start: Int32)] = []
    for (task, (shard, share)) in zip(shards, shares).enumerated() {
      var stream = SplitMix64(key.foldIn(shard.task))
      let rows = settings.mixing == 1 ? shard.count : share * settings.batch
      var order: [Int32] = []
      while order.count < rows {
        var round = Array(0..<Int32(shard.count))
        stream.shuffle(&round)
        order += round.prefix(rows - order.count)
      }
      group(&order, by: lengths[task])
      orders.append(order)
      starts += stride(from: 0, to: rows, by: settings.batch).map { (Int32(task), Int32($0)) }
    }
    var stream = SplitMix64(key)
    stream.shuffle(&starts)
    return EpochBatches(shards: shards, settings: settings, orders: orders, starts: starts)
  }

  /// How many batches each task has in an epoch.
  private var shares: [Int] {
    let whole = shards.map { ($0.count + settings.batch - 1) / settings.batch }
    guard settings.mixing != 1 else { return whole }
    let weights = shards.map { pow(Double($0.count), settings.mixing) }
    let total = Double(whole.reduce(0, +)) / weights.reduce(0, +)
    return weights.map { max(1, Int(($0 * total).rounded())) }
  }

  /// Sorts each pool of an order by length.
  private func group(_ order: inout [Int32], by lengths: [Int32]) {
    let size = settings.batch * pool
    for start in stride(from: 0, to: order.count, by: size) {
      let part = start..<min(start + size, order.count)
      let sorted = order[part].enumerated().sorted {
        let (a, b) = (lengths[Int($0.element)], lengths[Int($1.element)])
        return a != b ? a > b : $0.offset < $1.offset
      }
      order.replaceSubrange(part, with: sorted.map(\.element))
    }
  }
}

/// The batches of an epoch, each made when it is asked for: an epoch holds 4 bytes a row.
struct EpochBatches: RandomAccessCollection {
  fileprivate let shards: [TokenShard]
  fileprivate let settings: TrainingSettings
  /// The rows of each task, in the order of the epoch.
  fileprivate let orders: [[Int32]]
  /// The task of each batch, and where it begins among the task's rows.
  fileprivate let starts: [(task: Int32, start: Int32)]

  var startIndex: Int { 0 }
  var endIndex: Int { starts.count }

  subscript(position: Int) -> Batch {
    let (task, start) = (Int(starts[position].task), Int(starts[position].start))
    let end = Swift.min(start + settings.batch, orders[task].count)
    return Batch(
      shard: shards[task], indices: orders[task][start..<end].map { Int($0) },
      longest: settings.maximumLength, noise: settings.noise)
  }
}
