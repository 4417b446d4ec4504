import Foundation
import Testing
import TestSupport

@testable import bench

/// The executable `bench`, and the program of its peers.
struct BenchTests {
  private static let python = ProcessInfo.processInfo.environment["PEERS_PYTHON"] ?? "python3"

  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// Whether that interpreter has what the peers need.
  private static let hasTorch = has("torch, safetensors")

  private static func has(_ modules: String) -> Bool {
    (try? bench.run("/usr/bin/env", [python, "-c", "import \(modules)"])) != nil
  }

  private func run(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String, error: String) {
    try Program(
      "\(Program.folder)/bench", arguments, in: folder, environment: environment
    ).end()
  }

  @Test func `it measures the batches of a folder and prints the report as JSON`() throws {
    let load = Workload(.infer, rows: 4, batches: 1)
    try folder.write(load.document.encoded(), to: "yelp_b4.safetensors")
    let run = try run([
      "--work", "infer", "--batch", "4", "--seconds", "0", "--threads", "1", "--workload",
      folder.path, "--json", "--output", "report.json",
    ])
    #expect(run.status == 0, "\(run.error)")
    #expect(folder.read("report.json") == run.output)
    let report = try JSONDecoder().decode(BenchmarkReport.self, from: Data(run.output.utf8))
    let measurement = try #require(report.measurements.first)
    #expect(report.measurements.map(\.work) == ["infer", "infer", "infer"])
    #expect(report.measurements.map(\.precision) == [.float32, .bf16, .int8])
    #expect(report.measurements[1].competitors.map(\.name) == ["ours in single precision"])
    #expect(measurement.batch == 4 && measurement.threads == 1)
    #expect(measurement.medianSpeed > 0 && (measurement.rooflineFraction ?? 0) > 0)
  }

  @Test func `a SIMD level that the processor lacks is rejected`() throws {
    let run = try run(["--work", "infer", "--batch", "1"], ["KERNEL_LEVEL": "7"])
    #expect(run.status == 64)
    let message = "KERNEL_LEVEL: “7”\n  expected: a level that this processor supports: 0 (scalar)"
    #expect(run.error.hasPrefix(message), "\(run.error)")
  }

  @Test func `an unknown kind of work is rejected`() throws {
    let run = try run(["--work", "sleep"])
    #expect(run.status == 64)
    let message = "--work is sleep; expected one of train, finetune, infer, pretrain, ingest"
    #expect(run.error.contains(message))
  }

  @Test(.enabled(if: hasTorch, "no Python with torch and safetensors; name one in PEERS_PYTHON"))
  func `the peers compute the reference's loss and gradients`() throws {
    let check = try Program(
      "/usr/bin/env", [Self.python, PeerProcess.script, "--check"], in: folder
    ).end()
    #expect(check.status == 0, "\(check.output)\(check.error)")
    #expect(check.output.split(separator: "\n").count == (Self.has("jax") ? 12 : 8))
  }
}
