import Foundation
import DLNC
import Shards

extension NetworkBenchmark.Work {
  /// How many million operations the products of a token take, were no work shared: forward one
  /// product with W_x and one with W_h; training three times that; fine-tuning, whose weights are
  /// frozen, forward and the way back through W_h.
  var megaflop: Double {
    let (input, hidden) = (2e-6 * 100 * 1024, 2e-6 * 256 * 1024)
    return switch self {
    case .train: 3 * (input + hidden)
    case .finetune: input + 2 * hidden
    case .infer: input + hidden
    }
  }

  /// Tokens a second of a program that does nothing but those products, at the machine's peak.
  func floor(_ peak: PeakFLOPS) -> Double { peak.best * 1e3 / megaflop }
}

/// How fast the network is at one work on some batches, in tokens a second.
struct Throughput {
  /// Over the batches' best times, and over their median times.
  var best: Double, median: Double
  /// Per second of processor time, all threads together, over the best times.
  var processor: Double

  /// Measures for about `seconds`, after two rounds of warming up.
  init(_ work: NetworkBenchmark.Work, _ load: Workload, threads: Int, seconds: Double) {
    let exercise = NetworkBenchmark(
      work, vocabulary: Workload.vocabulary, classCount: load.classCount, microBatches: 2,
      threads: threads)
    for _ in 0..<2 { for shard in load.shards { exercise.run(shard) } }
    var wall = Array(repeating: [Double](), count: load.shards.count)
    var processor = wall
    let start = now(CLOCK_MONOTONIC)
    repeat {
      for (index, shard) in load.shards.enumerated() {
        let before = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
        exercise.run(shard)
        wall[index].append(now(CLOCK_MONOTONIC) - before.0)
        processor[index].append(now(CLOCK_PROCESS_CPUTIME_ID) - before.1)
      }
    } while now(CLOCK_MONOTONIC) - start < seconds || wall[0].count < 3
    let tokens = Double(load.shards.reduce(0) { $0 + $1.tokenCount })
    let pace = { (times: [[Double]], rank: (Int) -> Int) in
      tokens / times.reduce(0) { $0 + $1.sorted()[rank($1.count)] }
    }
    best = pace(wall) { _ in 0 }
    median = pace(wall) { $0 / 2 }
    self.processor = pace(processor) { _ in 0 }
  }

  /// As the line of JSON that programs which compare benchmarks read.
  func line(_ work: NetworkBenchmark.Work, batch: Int, threads: Int) -> String {
    """
    {"peer":"ours","mode":"\(work.rawValue)","batch":\(batch),"threads":\(threads),\
    "tps":\(Int(best)),"med":\(Int(median)),"cpu":\(Int(processor))}
    """
  }
}
