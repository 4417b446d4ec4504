import Foundation
import Shards
import Testing

@testable import DLNC
@testable import Training

/// The signs that a training was useless.
struct TrainingWarningTests {
  private func trained(
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> [String] {
    let lexicon = try TemporaryLexicon(tasks: [("a", 2)])
    let folder = try lexicon.folder()
    var settings = smallSettings
    change(&settings)
    let model = try Model.train(
      smallConfiguration, tasks: ["a"], dataset: folder, settings: settings,
      run: TrainingRun(threads: 1))
    return try model.trainingWarnings(folder)
  }

  @Test func `a model that learns gives none, also with a somewhat long warm-up`() throws {
    #expect(try trained() == [])
    #expect(try trained { $0.warmup = 100 } == [])
    #expect(try trained { $0.epochs = 0 } == [])
  }

  @Test func `a warm-up of several times the training is noticed`() throws {
    let warnings = try trained { $0.warmup = 720 }
    #expect(
      warnings.first
        == "the warm-up of 720 steps is longer than the training of 72, so that the learning rate "
        + "reached only 10 % of its peak; give --warmup 0.1, which is a fraction of the steps, or "
        + "more --epochs")
  }

  @Test func `a loss that stays as it was is noticed, with the warm-up`() throws {
    let warnings = try trained { ($0.learningRate, $0.epochs, $0.warmup) = (1e-12, 2, 20) }
    try #require(warnings.count >= 2, "\(warnings)")
    #expect(warnings[0].hasPrefix("the warm-up of 20 steps is longer than the training of 12"))
    #expect(warnings[1].hasPrefix("a: the training loss never fell below that of the first epoch"))
  }

  @Test func `a bag of words without features is noticed, a majority class is meant`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 2)])
    func warnings(_ kind: Baseline) throws -> [String] {
      let folder = try lexicon.folder()
      return try LinearModel.train(
        kind, tasks: ["a"], lexicon: folder, penalty: 1, seed: 1, threads: 1
      ) { _, _ in }.trainingWarnings(folder)
    }
    #expect(try warnings(.bagOfWords) == [])
    let shard = TokenShard(
      ShardHeader(task: "a", split: .train, classNames: ["class 0", "class 1"]),
      elements: [1, 2, 3, 4], offsets: [0, 2, 4], labels: [0, 1], textIDs: [0, 1])
    try shard.document().encoded().write(
      to: URL(fileURLWithPath: "\(lexicon.path)/a/train.safetensors"))
    let found = try warnings(.bagOfWords)
    try #require(found.count == 2, "\(found)")
    #expect(found[0].hasPrefix("a: 0 n-gram features"))
    #expect(
      found[1].hasPrefix(
        "a: the validation accuracy of 50.0 % is not above that of always predicting the most "
          + "frequent class, 50.0 %"))
    #expect(try warnings(.majority) == [])
  }
}
