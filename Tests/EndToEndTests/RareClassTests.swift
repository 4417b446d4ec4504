import Foundation
import DLNC
import Testing
import TestSupport

/// Class weights and criteria from the command line, and the report's advice.
@Suite(.trainedModels)
struct RareClassTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try #require(TrainedModels.bench) }

  private func train(
    _ arguments: String...
  ) throws -> (status: Int32, output: String, error: String) {
    try Project.run("train", ["--vocab", "runs/quickstart/vocab"] + arguments, in: bench)
  }

  @Test func `weights and criterion are settings of the model and of its card`() throws {
    let run = try train(
      "--model", "bag-of-words", "--class-weights", "balanced", "--keep-by", "macro-f1",
      "--output", "balanced")
    #expect(run.status == 0, "\(run.error)")
    let card = try #require(bench.read("balanced/README.md"))
    #expect(card.contains("| `class-weights` | balanced |") && card.contains("| macro-f1 |"))
    let network = try train(
      "--task", "yelp", "--class-weights", "neutral=2", "--keep-by", "loss", "--hidden", "8",
      "--epochs", "1", "--recipe", "best", "--output", "weighted")
    #expect(network.status == 0, "\(network.error)")
    #expect(network.output.contains("--keep-best"), "\(network.output)")
    let model = try Model(path: bench("weighted"))
    #expect(model.settings["train"]?.classWeights?.rawValue == "neutral=2")
    #expect(model.settings["train"]?.keepBy == .loss)
    #expect(bench.read("weighted/metrics.jsonl")?.contains("validationMacroF1") == true)
    let one = try train(
      "--model", "bag-of-words", "--keep-by", "loss", "--penalty", "1", "--output", "one")
    #expect(one.status == 0 && one.error.contains("--keep-by has no effect"), "\(one.error)")
  }

  @Test(arguments: [
    (["--class-weights", "neutral=0"], "“neutral” has the weight 0.0"),
    (["--class-weights", "heavy"], "“heavy” has no weight"),
    (["--class-weights", "neutrl=2", "--task", "yelp"], "“neutrl”, which is no class"),
    (["--keep-by", "f1"], "--keep-by"),
    (["--keep-by", "loss", "--no-keep-best"], "contradict"),
    (["--model", "majority", "--class-weights", "balanced"], "given for majority"),
  ])
  func `bad values are refused`(arguments: [String], message: String) throws {
    let run = try Project.run(
      "train",
      ["--vocab", "runs/quickstart/vocab", "--epochs", "1", "--hidden", "8"] + arguments
        + ["--output", "refused"], in: bench)
    #expect(run.status == 64 && !bench.has("refused"), "\(run.error)")
    #expect(run.error.contains(message), "\(run.error)")
  }
}
