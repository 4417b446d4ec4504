import Foundation
import Testing
import Support

@testable import DLNC
@testable import Training

/// The moving average of the parameters, with lazy updates of word vectors, and its use in training.
struct ExponentialMovingAverageTests {
  @Test func `lazy updates equal updates of all rows at every step`() {
    let (values, decay) = (AlignedBuffer<Double>(12, filledWith: 0), 0.8)
    for (index, value) in noise(12, seed: 1).enumerated() { values.start[index] = value }
    let average = ExponentialMovingAverage(of: values, width: 2, decay: decay)
    var (sum, weight) = ([Double](repeating: 0, count: 12), 0.0)
    var stream = SplitMix64(PRNGKey(seed: 3))
    for step in 0..<12 {
      // Row 5 is never updated, row 4 only at first.
      let rows = (0..<5).filter { ($0 < 4 || step < 2) && stream.below(3) == 0 }.map { Int32($0) }
      average.update(rows, step: step)
      for row in rows {
        for i in 0..<2 { values.start[Int(row) * 2 + i] += stream.uniform() - 0.5 }
      }
      sum = zip(sum, values.array).map { decay * $0 + (1 - decay) * $1 }
      weight = decay * weight + (1 - decay)
      guard step % 5 == 3 else { continue }
      let live = values.array
      average.update(step: step + 1)
      average.swap()
      #expect(distance(values.array, sum.map { $0 / weight }) < 1e-12)
      average.swap()
      #expect(values.array == live)
    }
  }

  @Test func `the averages are validated and kept`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    func train(_ average: Double) throws -> Model {
      var settings = smallSettings
      (settings.emaDecay, settings.keepsBest, settings.epochs) = (average, false, 3)
      return try Model.train(
        smallConfiguration, tasks: ["a"], dataset: lexicon.folder(), settings: settings,
        run: TrainingRun(threads: 1))
    }
    let (plain, averaged) = (try train(0), try train(0.9))
    #expect(plain.parameters.values.array != averaged.parameters.values.array)
    // Averaging changes no step: training saw the same.
    let losses = [plain, averaged].map { $0.curves[0].points.map(\.trainLoss) }
    #expect(losses[0] == losses[1])
    let shard = try #require(try lexicon.folder().shard("a", .validation))
    let kept = averaged.predict(shard, threads: 1).loss
    #expect(abs(kept - (averaged.curves[0].points.last?.validationLoss ?? 0)) < 1e-9)
  }

  @Test func `averages of parameters that are not trained are bytewise identical to these`() throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try LearningTests.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    var (options, settings) = (FineTuningOptions(), smallSettings)
    (options.source, settings.emaDecay) = ("a", 0.9)
    let tuned = try model.finetune(
      "c", dataset: wider.folder(), options: options, settings: settings,
      run: TrainingRun(threads: 1)
    ).0
    let shard = try #require(try lexicon.folder().shard("b", .test))
    #expect(
      tuned.predict(shard, threads: 1).probabilities
        == model.predict(shard, threads: 1).probabilities)
  }
}
