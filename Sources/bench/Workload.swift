import DLNC
import Foundation
import Safetensors
import Shards
import Support
import Training

/// Batches for the network: lengths distributed like those of reviews (log-normal, with a mean of
/// 130 tokens for training and 270 for fine-tuning), tokens by Zipf's law.
struct Workload {
  /// The number of words in the vocabulary.
  static let vocabulary = 20_000
  var shards: [TokenShard]
  var classCount: Int

  /// Generates batches: reviews sorted by length, of which equally spaced batches are taken.
  init(_ work: NetworkBenchmark.Work, rows: Int, batches: Int = 4) {
    let isFinetuning = work == .finetune
    let (reviews, mean, sigma, maxLength) =
      isFinetuning ? (2000, 270.0, 0.6, 1000) : (8000, 130.0, 0.75, 700)
    let classCount = isFinetuning ? 2 : 3
    var generator = SplitMix64(state: 1)
    let lengths = (0..<max(reviews, rows * batches)).map { _ in
      generator.length(mean: mean, sigma: sigma, in: 8...maxLength)
    }.sorted()
    let zipf = zipfWeights(Self.vocabulary - 1)
    let groups = lengths.count / rows
    shards = (0..<batches).map { index in
      let first = Int((Double(index) + 0.5) * Double(groups) / Double(batches)) * rows
      let texts = lengths[first..<first + rows].map { length in
        (0..<length).map { _ in Int32(generator.index(cumulativeWeights: zipf) + 1) }
      }
      return Self.shard(
        texts, labels: (0..<rows).map { _ in Int32(generator.next() % UInt64(classCount)) })
    }
    self.classCount = classCount
  }

  /// Reads batches from a file with `batch<i>.tokens` [T, B] padded with 0, `batch<i>.lengths` [B]
  /// and `batch<i>.labels` [B].
  /// - Throws: ``UserError``.
  init(folder: String, work: NetworkBenchmark.Work, rows: Int) throws {
    let file = try SafetensorsFile(path: Self.path(in: folder, work, rows: rows))
    classCount = work == .finetune ? 2 : 3
    shards = try (0..<file.names.count / 3).map { index in
      let lengths: [Int32] = try file.values("batch\(index).lengths")
      let tokens: [Int32] = try file.values("batch\(index).tokens", shape: [nil, lengths.count])
      let texts = lengths.enumerated().map { row, length in
        (0..<min(Int(length), tokens.count / lengths.count)).map {
          tokens[$0 * lengths.count + row]
        }
      }
      return Self.shard(texts, labels: try file.values("batch\(index).labels"))
    }
  }

  /// The path of a workload in a folder.
  static func path(in folder: String, _ work: NetworkBenchmark.Work, rows: Int) -> String {
    "\(folder)/\(work == .finetune ? "imdb" : "yelp")_b\(rows).safetensors"
  }

  /// The batches in the format of that file.
  var document: SafetensorsDocument {
    var document = SafetensorsDocument()
    for (index, shard) in shards.enumerated() {
      let lengths = shard.lengths
      let steps = lengths.max() ?? 0
      var tokens = [Int32](repeating: 0, count: steps * shard.count)
      for row in 0..<shard.count {
        for (step, token) in shard.row(row).enumerated() {
          tokens[step * shard.count + row] = token
        }
      }
      document.set("batch\(index).tokens", shape: [steps, shard.count], tokens)
      document.set("batch\(index).lengths", shape: [shard.count], lengths.map { Int32($0) })
      document.set("batch\(index).labels", shape: [shard.count], shard.labels)
    }
    return document
  }

  private static func shard(_ texts: [[Int32]], labels: [Int32]) -> TokenShard {
    TokenShard(
      ShardHeader(task: "task", split: .train, classNames: ["a", "b", "c"]),
      elements: texts.flatMap { $0 },
      offsets: texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: labels, textIDs: Array(0..<Int32(labels.count)))
  }
}

extension NetworkBenchmark.Work {
  /// The throughput of the network: tokens divided by the sum of each batch's best time. Measures for
  /// about `seconds`, after two warm-up rounds.
  func tokensPerSecond(
    _ load: Workload, _ precision: ProductPrecision, threads: Int, seconds: Double
  ) -> Double {
    let network = NetworkBenchmark(
      self, vocabulary: Workload.vocabulary, classCount: load.classCount, precision: precision,
      microBatches: 2, threads: threads)
    for _ in 0..<2 { for shard in load.shards { network.run(shard) } }
    var best = Array(repeating: Double.infinity, count: load.shards.count)
    var rounds = 0
    let start = monotonicSeconds()
    repeat {
      for (index, shard) in load.shards.enumerated() {
        best[index] = min(best[index], timed { network.run(shard) })
      }
      rounds += 1
    } while monotonicSeconds() - start < seconds || rounds < 3
    return Double(load.shards.reduce(0) { $0 + $1.elementCount }) / best.reduce(0, +)
  }
}
