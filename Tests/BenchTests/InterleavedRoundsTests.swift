import DLNC
import Support
import Testing
import Training

@testable import bench

/// Interleaved rounds, and the report of what they measured.
struct InterleavedRoundsTests {
  @Test func `competitors alternate with ours, and a ratio compares the same round`() throws {
    var order = ""
    var speeds = [10.0, 30, 20]
    let measurement = try InterleavedRounds(count: 3) { _ in }.run(
      "train", threads: 1, unit: .tokens
    ) {
      order += "A"
      return speeds.removeFirst()
    } competitors: {
      ["B", "C"].map { name in
        Competitor(name: name) {
          order += name
          return 10
        }
      }
    }
    #expect(order == "ABCABCABC")
    #expect(measurement.speeds == [10, 30, 20])
    #expect(measurement.competitors.map(\.name) == ["B", "C"])
    #expect(measurement.competitors.allSatisfy { $0.ratio.median == 2 })
    #expect(measurement.competitors.allSatisfy { $0.ratio.min == 1 && $0.ratio.max == 3 })
  }

  @Test func `a competitor that fails is left out and reported`() throws {
    let measurement = try InterleavedRounds(count: 2) { _ in }.run(
      "train", threads: 1, unit: .tokens
    ) {
      1
    } competitors: {
      [
        Competitor(name: "failing") {
          throw UserError(.unavailable, at: "failing", problem: "the process has ended")
        },
        Competitor(name: "working") { 2 },
      ]
    }
    #expect(measurement.competitors.map(\.name) == ["working"])
    #expect(measurement.failures == ["train: failing: the process has ended"])
  }

  @Test func `the roofline counts the products of a token`() {
    // Million operations.
    for (work, megaflop) in [
      ("train", 2.187264), ("finetune", 1.253376), ("infer", 0.729088), ("pretrain", 2.955264),
    ] {
      #expect(abs((NetworkBenchmark.Work(rawValue: work)?.megaflop ?? 0) - megaflop) < 1e-9)
    }
  }

  @Test func `the table has a line for each competitor and lists what is missing`() {
    var report = BenchmarkReport()
    var measurement = Measurement(
      work: "train", batch: 32, threads: 2, unit: .tokens, speeds: [1_234_567],
      rooflineFraction: 0.5)
    measurement.precision = .bf16
    measurement.competitors = ["eager", "nn-lstm"].map {
      Measurement.CompetitorResult(name: $0, speeds: [1371.6], ratio: SampleSummary([2, 1, 3]))
    }
    report.measurements = [
      measurement,
      Measurement(work: "rerun", threads: 1, unit: .runs, speeds: [4], peakBytes: 5 << 20),
    ]
    report.unavailable = ["polars: no module"]
    let lines = report.text.split(separator: "\n").suffix(5).map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(
      lines == [
        "work batch threads ours roofline memory peer ratio min max",
        "train bf16 32 2 1,234,567 tokens/s 0.50 eager 1,372 tokens/s 2.00 1.00 3.00",
        "nn-lstm 1,372 tokens/s 2.00 1.00 3.00",
        "rerun 1 0.25 s 5 MB",
        "not available: polars: no module",
      ])
  }

  @Test func `without OpenBLAS the peak is that of our own product`() {
    #expect(OpenBLAS(library: "libdoes-not-exist.so") == nil)
    #expect(OpenBLAS(library: "libc.so.6") == nil)
    var report = BenchmarkReport()
    var peak = PeakFLOPS(threads: 1, seconds: 0)
    (peak.openBLAS, peak.ours, peak.bf16, peak.int8) = (nil, 1234, 2345, 3456)
    #expect(ProductPrecision.allCases.map(peak.best) == [1234, 2345, 3456])
    report.peaks = [peak]
    #expect(
      report.text.contains(
        "peak, 1 threads: ours 1,234, in bfloat16 2,345, in 8 bits 3,456 GFLOP/s"))
  }
}
