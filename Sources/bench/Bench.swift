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
  var workload: String? = ProcessInfo.processInfo.environment["BENCH_WORKLOAD"]

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
          "tps":\(Int(figure.best)),"med":\(Int(figure.median))}
          """)
      }
    }
  }

  /// Tokens a second: over the batches' best times, and over their median times.
  private func measure(_ work: Exercise.Work, _ load: Workload) -> (best: Double, median: Double) {
    let exercise = Exercise(
      work, vocabulary: Workload.vocabulary, classes: load.classes, slices: 2, threads: threads)
    for _ in 0..<2 { for shard in load.shards { exercise.run(shard) } }
    var times = Array(repeating: [Double](), count: load.shards.count)
    let clock = ContinuousClock()
    let start = clock.now
    repeat {
      for (index, shard) in load.shards.enumerated() {
        let time = clock.measure { exercise.run(shard) }
        times[index].append(time / .seconds(1))
      }
    } while clock.now - start < .seconds(seconds) || times[0].count < 3
    let tokens = Double(load.shards.reduce(0) { $0 + $1.tokens.count })
    let sorted = times.map { $0.sorted() }
    return (
      tokens / sorted.reduce(0) { $0 + $1[0] }, tokens / sorted.reduce(0) { $0 + $1[$1.count / 2] }
    )
  }
}
