import ArgumentParser
import Foundation
import Network
import Tensors

/// Measures the network: tokens a second for training, fine-tuning and prediction, as JSON lines.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures how fast the network is on this machine.")

  @Option(help: "How many threads to use.")
  var threads = Int(ProcessInfo.processInfo.environment["BENCH_THREADS"] ?? "") ?? 2

  @Option(help: "Rows in a batch; may be given several times.")
  var batch: [Int] = [32, 64]

  @Option(help: "Seconds for each figure.")
  var seconds = 3.0

  @Option(help: "train, finetune or infer; may be given several times.")
  var work: [String] = Exercise.Work.allCases.map(\.rawValue)

  @Option(help: "A folder of batches as the peers write them; else they are drawn here.")
  var workload: String?

  private var folder: String? {
    workload ?? ProcessInfo.processInfo.environment["BENCH_WORKLOAD"]
  }

  func run() throws {
    for work in work.compactMap(Exercise.Work.init(rawValue:)) {
      for rows in batch {
        let load =
          try workload.map { try Workload(folder: $0, work: work, rows: rows) }
          ?? Workload(work, rows: rows)
        let figure = measure(work, load)
        print(
          """
          {"peer":"ours","mode":"\(work.rawValue)","batch":\(rows),"threads":\(threads),\
          "tps":\(Int(figure.best)),"med":\(Int(figure.median)),"cpu":\(Int(figure.processor))}
          """)
      }
    }
  }

  private struct Figure {
    /// Tokens a second over the batches' best times, and over their median times.
    var best: Double, median: Double
    /// Tokens a second of processor time, all threads together, over the best times.
    var processor: Double
  }

  private func measure(_ work: Exercise.Work, _ load: Workload) -> Figure {
    let exercise = Exercise(
      work, vocabulary: Workload.vocabulary, classes: load.classes, slices: 2, threads: threads)
    for _ in 0..<2 { for shard in load.shards { exercise.run(shard) } }
    var wall = Array(repeating: [Double](), count: load.shards.count)
    var processor = wall
    let (limit, start) = (seconds, now(CLOCK_MONOTONIC))
    repeat {
      for (index, shard) in load.shards.enumerated() {
        let before = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
        exercise.run(shard)
        wall[index].append(now(CLOCK_MONOTONIC) - before.0)
        processor[index].append(now(CLOCK_PROCESS_CPUTIME_ID) - before.1)
      }
    } while now(CLOCK_MONOTONIC) - start < limit || wall[0].count < 3
    let tokens = Double(load.shards.reduce(0) { $0 + $1.tokens.count })
    let sum = { (times: [[Double]], rank: (Int) -> Int) in
      tokens / times.reduce(0) { $0 + $1.sorted()[rank($1.count)] }
    }
    return Figure(
      best: sum(wall) { _ in 0 }, median: sum(wall) { $0 / 2 },
      processor: sum(processor) { _ in 0 })
  }
}

private func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
