import Foundation
import Network
import Tensors

/// Batches to measure with: lengths spread like those of reviews (log-normal, mean 130 tokens for
/// training, 270 for fine-tuning), words by Zipf's law.
struct Workload {
  static let vocabulary = 20_000
  var shards: [TokenShard]
  var classes: Int

  /// Batches drawn here: reviews sorted by length, every so many-th batch.
  init(_ work: Exercise.Work, rows: Int, batches: Int = 4) {
    let fine = work == .finetune
    let (reviews, mean, sigma, longest) = fine ? (2000, 270.0, 0.6, 1000) : (8000, 130.0, 0.75, 700)
    classes = fine ? 2 : 3
    var generator = SplitMix(state: 1)
    let lengths = (0..<reviews).map { _ -> Int in
      let normal = (0..<12).reduce(-6.0) { sum, _ in sum + generator.uniform() }
      return min(longest, max(8, Int(exp(log(mean) - sigma * sigma / 2 + sigma * normal))))
    }.sorted()
    var cumulated: [Double] = []
    for rank in 1..<Self.vocabulary {
      cumulated.append((cumulated.last ?? 0) + 1 / (Double(rank) + 2.7))
    }
    let groups = reviews / rows
    shards = (0..<batches).map { index in
      let first = Int((Double(index) + 0.5) * Double(groups) / Double(batches)) * rows
      let texts = lengths[first..<first + rows].map { length in
        (0..<length).map { _ in
          Self.word(generator.uniform() * (cumulated.last ?? 1), cumulated)
        }
      }
      return Self.shard(
        texts, classes: (0..<rows).map { _ in Int32(generator.next() % UInt64(fine ? 2 : 3)) })
    }
  }

  /// Batches from a file: `batch<i>.tokens` [T, B] padded with 0, `.lengths`, `.labels`.
  init(folder: String, work: Exercise.Work, rows: Int) throws {
    let kind = work == .finetune ? "imdb" : "yelp"
    let file = try TensorFile(path: "\(folder)/\(kind)_b\(rows).safetensors")
    classes = work == .finetune ? 2 : 3
    shards = try (0..<file.names.count / 3).map { index in
      let tokens: [Int32] = try file.values("batch\(index).tokens")
      let lengths: [Int32] = try file.values("batch\(index).lengths")
      let texts = lengths.enumerated().map { row, length in
        (0..<Int(length)).map { tokens[$0 * lengths.count + row] }
      }
      return Self.shard(texts, classes: try file.values("batch\(index).labels"))
    }
  }

  private static func word(_ point: Double, _ cumulated: [Double]) -> Int32 {
    var (low, high) = (0, cumulated.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulated[middle] < point { low = middle + 1 } else { high = middle }
    }
    return Int32(low + 1)
  }

  private static func shard(_ texts: [[Int32]], classes: [Int32]) -> TokenShard {
    TokenShard(
      task: "task", split: "train", labels: ["a", "b", "c"], tokens: texts.flatMap { $0 },
      offsets: texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      classes: classes, groups: Array(0..<Int32(classes.count)))
  }
}

/// SplitMix64, so that every run measures the same batches.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var x = state
    x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
    return x ^ (x >> 31)
  }

  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
