import Foundation
import DLNC
import Safetensors
import Shards
import Support

/// Batches to measure with: lengths spread like those of reviews (log-normal, mean 130 tokens for
/// training, 270 for fine-tuning), words by Zipf's law.
struct Workload {
  static let vocabulary = 20_000
  var shards: [TokenShard]
  var classCount: Int

  /// Batches drawn here: reviews sorted by length, every so many-th batch.
  init(_ work: NetworkBenchmark.Work, rows: Int, batches: Int = 4) {
    let fine = work == .finetune
    let (reviews, mean, sigma, longest) = fine ? (2000, 270.0, 0.6, 1000) : (8000, 130.0, 0.75, 700)
    classCount = fine ? 2 : 3
    var generator = SplitMix64(state: 1)
    let lengths = (0..<max(reviews, rows * batches)).map { _ in
      generator.length(mean: mean, sigma: sigma, from: 8, to: longest)
    }.sorted()
    var cumulated: [Double] = []
    for rank in 1..<Self.vocabulary {
      cumulated.append((cumulated.last ?? 0) + 1 / (Double(rank) + 2.7))
    }
    let groups = lengths.count / rows
    shards = (0..<batches).map { index in
      let first = Int((Double(index) + 0.5) * Double(groups) / Double(batches)) * rows
      let texts = lengths[first..<first + rows].map { length in
        (0..<length).map { _ in Int32(generator.index(in: cumulated) + 1) }
      }
      return Self.shard(
        texts, labels: (0..<rows).map { _ in Int32(generator.next() % UInt64(fine ? 2 : 3)) })
    }
  }

  /// Batches from a file: `batch<i>.tokens` [T, B] padded with 0, `.lengths`, `.classNames`.
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

  /// Where a folder has the batches of a work.
  static func path(in folder: String, _ work: NetworkBenchmark.Work, rows: Int) -> String {
    "\(folder)/\(work == .finetune ? "imdb" : "yelp")_b\(rows).safetensors"
  }

  /// The batches as such a file.
  var document: SafetensorsDocument {
    var document = SafetensorsDocument()
    for (index, shard) in shards.enumerated() {
      let lengths = shard.lengths
      let steps = lengths.max() ?? 0
      var tokens = [Int32](repeating: 0, count: steps * shard.count)
      for row in 0..<shard.count {
        for (step, word) in shard.row(row).enumerated() { tokens[step * shard.count + row] = word }
      }
      document.set("batch\(index).tokens", shape: [steps, shard.count], tokens)
      document.set("batch\(index).lengths", shape: [shard.count], lengths.map { Int32($0) })
      document.set("batch\(index).labels", shape: [shard.count], shard.labels)
    }
    return document
  }

  private static func shard(_ texts: [[Int32]], labels: [Int32]) -> TokenShard {
    TokenShard(
      task: "task", split: "train", classNames: ["a", "b", "c"], tokens: texts.flatMap { $0 },
      offsets: texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: labels, groups: Array(0..<Int32(labels.count)))
  }
}
