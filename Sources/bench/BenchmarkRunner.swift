import DLNC
import Foundation
import StageKit
import Support
import Training

/// Runs benchmarks: starts the peers, shares a folder with them and collects the measurements.
struct BenchmarkRunner {
  private(set) var report = BenchmarkReport()
  private let workspace: BenchmarkWorkspace
  private let rounds: InterleavedRounds
  private let peers: [PeerProcess]
  private let includesSystemTools: Bool

  /// Starts the peers if there is a Python interpreter.
  /// - Throws: ``UserError`` if the shared folder cannot be created.
  init(rounds: Int, reviews: Int, python: String?) throws {
    let log = { (text: String) in writeToStandardError("bench: \(text)") }
    workspace = try BenchmarkWorkspace(reviews: reviews, log: log)
    self.rounds = InterleavedRounds(count: rounds, log: log)
    includesSystemTools = python != nil
    if OpenBLAS.shared == nil { report.unavailable.append("libopenblas") }
    guard let python else {
      peers = []
      return
    }
    let preload = buildMKLPreload(in: workspace.path, on: report.machine)
    var names = [
      "eager", "manual", "nn-lstm", "jax", "polars", "tokenizers", "fasttext", "onnxruntime",
    ]
    if preload != nil { names += ["manual+avx512", "nn-lstm+avx512"] }
    var peers: [PeerProcess] = []
    for name in names {
      do {
        let peer = try PeerProcess(
          name, python: python, preload: name.hasSuffix("+avx512") ? preload : nil)
        report.peers[name] = peer.version
        peers.append(peer)
      } catch { report.unavailable.append("\(error)") }
    }
    for program in ["gzip", "bsdtar"] where !isInstalled(program) {
      report.unavailable.append("\(program): not installed")
    }
    self.peers = peers
  }

  /// Measures the network for each kind of work, batch size and precision; the peers get the same batches.
  /// The machine's peak is measured before and after, and the higher one counts.
  /// - Parameter workload: a folder with batches; nil to generate them.
  /// - Throws: ``UserError``.
  mutating func measure(
    _ works: [NetworkBenchmark.Work], _ precisions: [ProductPrecision], batches: [Int],
    threads: Int, seconds: Double, workload: String?
  ) throws {
    guard !works.isEmpty else { return }
    let first = report.measurements.count
    let before = PeakFLOPS(threads: threads, seconds: seconds)
    for work in works {
      for rows in batches {
        let load =
          try workload.map { try Workload(folder: $0, work: work, rows: rows) }
          ?? Workload(work, rows: rows)
        let path = Workload.path(in: workspace.path, work, rows: rows)
        try load.document.encoded().write(to: URL(fileURLWithPath: path))
        let request = PeerProcess.Request(
          work: work.rawValue, path: path, threads: threads, seconds: seconds,
          classes: load.classCount)
        for precision in precisions where precision != .int8 || work == .infer {
          var measurement = try rounds.run(
            work.rawValue, batch: rows, threads: threads, unit: .tokens
          ) {
            work.tokensPerSecond(load, precision, threads: threads, seconds: seconds)
          } competitors: {
            let single = Competitor(name: "ours in single precision") {
              work.tokensPerSecond(load, .float32, threads: threads, seconds: seconds)
            }
            return (precision == .float32 ? [] : [single])
              + peers.filter { $0.supports(work) }.flatMap { $0.competitors(request, precision) }
          }
          measurement.precision = precision
          report.measurements.append(measurement)
        }
      }
    }
    let peak = before.max(PeakFLOPS(threads: threads, seconds: seconds))
    report.peaks.append(peak)
    for index in report.measurements.indices[first...] {
      let measurement = report.measurements[index]
      report.measurements[index].rooflineFraction = NetworkBenchmark.Work(
        rawValue: measurement.work
      ).map { measurement.medianSpeed / $0.roofline(peak, measurement.precision ?? .float32) }
    }
  }

  /// Measures stages; those with a single thread only once.
  /// - Throws: ``UserError``.
  mutating func measure(_ benchmarks: [StageBenchmark], threads: Int) throws {
    let stages = StageBenchmarkRunner(
      workspace: workspace, rounds: rounds, threads: threads,
      peers: Dictionary(uniqueKeysWithValues: peers.map { ($0.name, $0) }),
      includesSystemTools: includesSystemTools)
    for benchmark in benchmarks {
      let isMeasured = report.measurements.contains { $0.work == benchmark.rawValue }
      if benchmark.usesThreads || !isMeasured {
        report.measurements += try stages.run(benchmark)
      }
    }
  }
}

extension PeerProcess {
  /// Whether the peer implements this work: `nn-lstm` has no norms to fine-tune, and only two are
  /// language models.
  fileprivate func supports(_ work: NetworkBenchmark.Work) -> Bool {
    switch name.prefix(while: { $0 != "+" }) {
    case "eager", "manual": true
    case "jax": work != .pretrain
    case "nn-lstm": work != .finetune && work != .pretrain
    default: false
    }
  }

  /// The peer in a precision. In bfloat16 PyTorch has two ways: all numbers, or only those that autocast
  /// chooses. In 8 bits it has only the LSTM without norms.
  fileprivate func competitors(
    _ request: Request, _ precision: ProductPrecision
  ) -> [Competitor] {
    let ways: [String?] =
      switch precision {
      case .float32: [nil]
      case .bf16, .int8: name == "jax" ? ["bf16"] : ["bf16", "autocast"]
      }
    let isQuantized = precision == .int8 && name.hasPrefix("nn-lstm")
    return (ways + (isQuantized ? ["int8"] : [])).map { way in
      var request = request
      request.precision = way
      return Competitor(name: way.map { "\(name) \($0)" } ?? name) { try self.speed(request) }
    }
  }
}
