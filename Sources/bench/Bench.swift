import ArgumentParser
import DLNC
import Foundation
import StageKit
import Support
import Training

extension ProductPrecision: ExpressibleByArgument {}

/// Measures how fast everything is on this machine, alone or in alternation with peers.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures how fast everything is on this machine.",
    discussion: """
      Build with -c release and use an idle machine. Without --work everything is measured: the \
      network (train, finetune, infer, pretrain; tokens per second, also as a fraction of the \
      roofline, the speed at which the machine multiplies large matrices), whole stages on synthetic \
      data, and single texts (latency).

      EXAMPLES
        bench --work train --threads 1 --threads 2
        bench --peers /opt/venv/bin/python --output figures.json
      """)

  @Option(help: "\(Self.works.joined(separator: ", ")); may be repeated.")
  var work: [String] = Self.works

  @Option(help: "The number of threads; may be repeated.")
  var threads: [Int] = [2]

  @Option(help: "The number of rows in a batch; may be repeated.")
  var batch: [Int] = [32, 64]

  @Option(
    help: """
      The precision of the network's products: float32, bf16 or, of infer alone, int8; may be repeated.
      """)
  var precision: [ProductPrecision] = ProductPrecision.allCases

  @Option(help: "Seconds for each measurement of the network.")
  var seconds = 3.0

  @Option(
    help: ArgumentHelp(
      "Measure peers, too: a Python interpreter with torch and safetensors, and optionally jax, "
        + "polars, tokenizers, fasttext and onnxruntime.", valueName: "python"))
  var peers: String?

  @Option(help: "The number of rounds, which give the variation (default: 5 with --peers, else 1).")
  var rounds: Int?

  @Option(help: "The number of synthetic reviews for the stages, about 850 bytes each.")
  var reviews = 400_000

  @Option(
    help: ArgumentHelp(
      "Take the batches of the network from this folder (yelp_b32.safetensors, …) instead of "
        + "generating them.", valueName: "folder"))
  var workload: String?

  @Flag(help: "Print everything as JSON instead of a table.")
  var json = false

  @Option(help: ArgumentHelp("Also write everything as JSON to this file.", valueName: "file"))
  var output: String?

  private static let works =
    NetworkBenchmark.Work.allCases.map(\.rawValue) + StageBenchmark.allCases.map(\.rawValue)

  static func main() { main(checked(CommandLine.arguments.dropFirst())) }

  func validate() throws {
    if let unknown = work.first(where: { !Self.works.contains($0) }) {
      throw ValidationError(
        "--work is \(unknown); expected one of \(Self.works.joined(separator: ", ")).")
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
      var runner = try BenchmarkRunner(
        rounds: rounds ?? (peers == nil ? 1 : 5), reviews: reviews, python: peers)
      for threads in threads {
        try runner.measure(
          work.compactMap(NetworkBenchmark.Work.init(rawValue:)), precision, batches: batch,
          threads: threads, seconds: seconds, workload: workload)
        try runner.measure(work.compactMap(StageBenchmark.init(rawValue:)), threads: threads)
      }
      let text = try JSONEncoder.pretty.text(of: runner.report)
      if let output {
        try Data("\(text)\n".utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      }
      print(json ? text : runner.report.text)
    }
  }
}
