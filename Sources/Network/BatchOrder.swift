import Foundation
import Tensors

/// The batches of one epoch: each task's rows in random order, rows of like length together, the
/// batches of all tasks in random order. A function of seed and epoch.
struct BatchOrder {
  private let shards: [TokenShard]
  private let settings: TrainingSettings
  /// Rows are sorted by length within so many batches' worth of the random order.
  private let pool = 20

  init(_ shards: [TokenShard], _ settings: TrainingSettings) {
    self.shards = shards
    self.settings = settings
  }

  /// How many batches an epoch has.
  var count: Int { shares.reduce(0, +) }

  /// The batches of one epoch, counted from zero.
  func batches(epoch: Int) -> [Batch] {
    let key = RandomKey(seed: settings.seed).derived("order").derived(epoch)
    var batches: [Batch] = []
    for (shard, share) in zip(shards, shares) {
      var stream = RandomStream(key.derived(shard.task))
      let rows = settings.mixing == 1 ? shard.count : share * settings.batch
      var order: [Int] = []
      while order.count < rows {
        var round = Array(0..<shard.count)
        stream.shuffle(&round)
        order += round.prefix(rows - order.count)
      }
      batches += grouped(order, of: shard)
    }
    var stream = RandomStream(key)
    stream.shuffle(&batches)
    return batches
  }

  /// How many batches each task has in an epoch.
  private var shares: [Int] {
    let whole = shards.map { ($0.count + settings.batch - 1) / settings.batch }
    guard settings.mixing != 1 else { return whole }
    let weights = shards.map { pow(Double($0.count), settings.mixing) }
    let total = Double(whole.reduce(0, +)) / weights.reduce(0, +)
    return weights.map { max(1, Int(($0 * total).rounded())) }
  }

  private func grouped(_ order: [Int], of shard: TokenShard) -> [Batch] {
    let size = settings.batch
    return stride(from: 0, to: order.count, by: size * pool).flatMap { start -> [Batch] in
      let part = order[start..<min(start + size * pool, order.count)]
      let sorted = part.enumerated().sorted {
        let (a, b) = (length($0.element, shard), length($1.element, shard))
        return a != b ? a > b : $0.offset < $1.offset
      }.map(\.element)
      return stride(from: 0, to: sorted.count, by: size).map {
        Batch(
          shard: shard, indices: Array(sorted[$0..<min($0 + size, sorted.count)]),
          longest: settings.maximumLength, noise: settings.noise)
      }
    }
  }

  private func length(_ row: Int, _ shard: TokenShard) -> Int {
    min(settings.maximumLength, shard.row(row).count)
  }
}
