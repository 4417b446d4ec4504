import Foundation
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// How much an n-gram layer counts beside the network.
struct NgramLayerFactorTests {
  /// Rows whose labels are drawn from the sum of the logits of a network and a layer. The network's logits
  /// are then multiplied by `confidence`.
  private static func drawn(
    confidence: Double, rows: Int = 2000
  ) -> (whole: [Float], network: [Float], shard: TokenShard) {
    var stream = SplitMix64(PRNGKey(seed: 1).foldIn("labels"))
    let (network, layer) = (noise(3 * rows, seed: 1), noise(3 * rows, seed: 2))
    var result = (whole: [Float](), network: [Float](), labels: [Int32]())
    for start in stride(from: 0, to: 3 * rows, by: 3) {
      /// The softmax of the two logits with these factors.
      func probabilities(_ first: Double, _ second: Double) -> [Double] {
        var values = (start..<start + 3).map { 4 * (first * network[$0] + second * layer[$0]) }
        _ = softmax(&values, 0..<3, target: 0)
        return values
      }
      let (truth, draw) = (probabilities(1, 1), stream.uniform())
      result.labels.append(draw < truth[0] ? 0 : draw < truth[0] + truth[1] ? 1 : 2)
      result.whole += probabilities(confidence, 1).map { Float($0) }
      result.network += probabilities(confidence, 0).map { Float($0) }
    }
    let shard = TokenShard(
      ShardHeader(task: "a", split: .validation, classNames: ["x", "y", "z"]), elements: [],
      offsets: [Int64](repeating: 0, count: rows + 1), labels: result.labels,
      textIDs: Array(0..<Int32(rows)))
    return (result.whole, result.network, shard)
  }

  @Test(arguments: [0.5, 1, 4])
  func `a layer counts the more, the more overconfident the network is`(confidence: Double) throws {
    let rows = Self.drawn(confidence: confidence)
    let factor = try #require(
      TemperatureScaling.ngramFactor(rows.whole, without: rows.network, of: rows.shard))
    #expect(abs(log(factor / confidence)) < 0.2)
  }

  @Test func `few rows give no factor`() {
    let rows = Self.drawn(confidence: 2, rows: TemperatureScaling.fewestRows - 1)
    #expect(
      TemperatureScaling.ngramFactor(rows.whole, without: rows.network, of: rows.shard) == nil)
  }

  @Test func `calibration multiplies the scales of the layer and changes no other parameter`()
    throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    var configuration = smallConfiguration
    configuration.ngrams = NgramOptions(dropout: 0.3)
    func train(_ calibrates: Bool, threads: Int) throws -> Model {
      var settings = smallSettings
      settings.calibrates = calibrates
      return try Model.train(
        configuration, tasks: ["a", "b"], dataset: lexicon.folder(), settings: settings,
        run: TrainingRun(threads: threads))
    }
    let (plain, model) = (try train(false, threads: 1), try train(true, threads: 2))
    #expect(try train(true, threads: 1).document().encoded() == model.document().encoded())
    var expected = plain.parameters.values.array
    for task in ["a", "b"] {
      let factor = try #require(model.calibration(of: task)?.ngramFactor)
      let offsets = try #require(model.parameters.layout.tasks[task])
      let start = try #require(offsets.ngramScale)
      for index in start..<start + offsets.classCount { expected[index] *= Float(factor) }
      #expect(factor > 0 && factor != 1)
      let shard = try #require(try lexicon.folder().shard(task, .validation))
      let loss = try model.classify(shard, threads: 1).loss
      #expect(abs(loss - (model.calibration(of: task)?.loss ?? 0)) < 1e-9)
    }
    #expect(model.parameters.values.array == expected)
    #expect(try model.calibrationNotes(lexicon.folder())[0].contains("n-gram layer times"))
    #expect(plain.calibration(of: "a") == nil)
  }
}
