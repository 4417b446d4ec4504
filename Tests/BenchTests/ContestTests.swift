import Foundation
import DLNC
import Support
import Testing

@testable import bench

/// Rounds in which ours and the peers take turns.
struct ContestTests {
  @Test func `ours and the peers work in turn, and a ratio compares the same round`() throws {
    var log = ""
    var speeds = [10.0, 30, 20]
    let figure = try InterleavedRounds(rounds: 3) { _ in }.run(
      "train", threads: 1, unit: .tokens
    ) {
      log += "A"
      return speeds.removeFirst()
    } peers: {
      ["B", "C"].map { name in
        Competitor(name: name) {
          log += name
          return 10
        }
      }
    }
    #expect(log == "ABCABCABC")
    #expect(figure.speeds == [10, 30, 20])
    #expect(figure.rivals.map(\.name) == ["B", "C"])
    #expect(figure.rivals.allSatisfy { $0.ratio.median == 2 })
    #expect(figure.rivals.allSatisfy { $0.ratio.least == 1 && $0.ratio.most == 3 })
  }

  @Test func `a peer that fails is left out and said to be`() throws {
    let figure = try InterleavedRounds(rounds: 2) { _ in }.run(
      "train", threads: 1, unit: .tokens
    ) {
      1
    } peers: {
      [
        Competitor(name: "lame") {
          throw UserError(.unavailable, at: "lame", problem: "it has ended")
        },
        Competitor(name: "sound") { 2 },
      ]
    }
    #expect(figure.rivals.map(\.name) == ["sound"])
    #expect(figure.failed == ["train: lame: it has ended"])
  }

  @Test func `the floor counts the products of a token`() {
    // Training 2.19, fine-tuning 1.25, inference 0.73 million operations.
    #expect(number(1000 / 0.729088) == "1,372")
    for (work, millions) in [("train", 2.187264), ("finetune", 1.253376), ("infer", 0.729088)] {
      #expect(abs((NetworkBenchmark.Work(rawValue: work)?.megaflop ?? 0) - millions) < 1e-9)
    }
  }

  @Test func `the table has a line for each peer and says who is missing`() {
    var account = BenchmarkReport()
    var figure = Measurement(
      work: "train", batch: 32, threads: 2, unit: .tokens, speeds: [1_234_567], shareOfFloor: 0.5)
    figure.rivals = ["eager", "nn-lstm"].map {
      Measurement.CompetitorResult(name: $0, speeds: [1000], ratio: SampleSummary([2, 1, 3]))
    }
    account.figures = [
      figure, Measurement(work: "rerun", threads: 1, unit: .runs, speeds: [4], peakBytes: 5 << 20),
    ]
    account.leftOut = ["polars: no module"]
    let lines = account.text.split(separator: "\n").suffix(5).map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(
      lines == [
        "work batch threads ours floor memory peer ratio least most",
        "train 32 2 1,234,567 tokens/s 0.50 eager 1,000 tokens/s 2.00 1.00 3.00",
        "nn-lstm 1,000 tokens/s 2.00 1.00 3.00",
        "rerun 1 0.25 s 5 MB",
        "left out: polars: no module",
      ])
  }
}
