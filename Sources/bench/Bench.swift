import ArgumentParser
import Foundation
import DLNC
import Safetensors
import StageKit
import Support

/// Measures how fast everything is on this machine, by itself or in turn with peers.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures how fast everything is on this machine.",
    discussion: """
      Build with -c release, on a machine with nothing else to do. Without --work everything is \
      measured: the network (train, finetune, infer; tokens a second and the share of what the \
      machine's products allow, the floor), and whole works on invented data.

      EXAMPLES
        bench --work train --threads 1 --threads 2
        bench --peers /opt/venv/bin/python --output figures.json
      """)

  @Option(help: "\(Self.works.joined(separator: ", ")); may be given several times.")
  var work: [String] = Self.works

  @Option(help: "How many threads to use; may be given several times.")
  var threads: [Int] = [Int(Self.environment["BENCH_THREADS"] ?? "") ?? 2]

  @Option(help: "Rows in a batch; may be given several times.")
  var batch: [Int] = [32, 64]

  @Option(help: "Seconds for each figure of the network.")
  var seconds = 3.0

  @Option(
    help: ArgumentHelp(
      "Measure peers in turn with ours; an interpreter with torch and safetensors, and with jax, "
        + "polars and tokenizers if it has them.", valueName: "python"))
  var peers: String?

  @Option(help: "How many rounds, for the spread (default: 5 with --peers, or else 1).")
  var rounds: Int?

  @Option(help: "How many reviews to invent for the works on data, about 850 bytes each.")
  var reviews = 400_000

  @Option(help: "A folder of batches (yelp_b32.safetensors, …) to take instead of drawn ones.")
  var workload: String?

  @Flag(
    help: """
      Print a line of JSON for each figure of the network and nothing else, as with a folder of \
      batches in BENCH_WORKLOAD.
      """)
  var lines = false

  @Flag(help: "Print everything as JSON rather than a table.")
  var json = false

  @Option(help: ArgumentHelp("Also write everything as JSON to this file.", valueName: "file"))
  var output: String?

  private static let works =
    NetworkBenchmark.Work.allCases.map(\.rawValue) + StageBenchmark.allCases.map(\.rawValue)
  private var folder: String? { workload ?? Self.environment["BENCH_WORKLOAD"] }
  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  func validate() throws {
    if let stranger = work.first(where: { !Self.works.contains($0) }) {
      throw ValidationError(
        "--work is \(stranger); expected one of \(Self.works.joined(separator: ", ")).")
    }
    for (name, values, range) in [
      ("threads", threads, 1...1024), ("batch", batch, 1...10_000),
      ("rounds", rounds.map { [$0] } ?? [], 1...1000), ("reviews", [reviews], 1000...10_000_000),
    ] {
      for value in values where !range.contains(value) {
        throw ValidationError(
          "--\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound).")
      }
    }
    guard (0...3600).contains(seconds) else {
      throw ValidationError("--seconds is \(seconds); it must be from 0 to 3600.")
    }
  }

  func run() throws {
    try reportingErrors(of: "bench") {
      if lines || Self.environment["BENCH_WORKLOAD"] != nil { return try printLines() }
      var session = try BenchmarkRunner(
        rounds: rounds ?? (peers == nil ? 1 : 5), reviews: reviews, python: peers)
      for threads in threads {
        try session.measure(
          work.compactMap(NetworkBenchmark.Work.init(rawValue:)), batches: batch, threads: threads,
          seconds: seconds, workload: folder)
        try session.measure(work.compactMap(StageBenchmark.init(rawValue:)), threads: threads)
      }
      let text = try session.account.json()
      if let output {
        try Data("\(text)\n".utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      }
      print(json ? text : session.account.text)
    }
  }

  private func printLines() throws {
    for work in work.compactMap(NetworkBenchmark.Work.init(rawValue:)) {
      for rows in batch {
        let load = try Workload(work, rows: rows, from: folder)
        for threads in threads {
          let pace = Throughput(work, load, threads: threads, seconds: seconds)
          print(pace.line(work, batch: rows, threads: threads))
        }
      }
    }
  }
}
