import Foundation
import Safetensors
import Shards
import Testing

@testable import DLNC
@testable import Training

/// Options of model and training beyond the paper.
struct RegularizationTests {
  @Test func `every setting is written, and a file without one of them is refused`() throws {
    let settings = try encode(smallSettings)
    for name in [
      "wordDropout", "vectorDropout", "labelSmoothing", "emaDecay", "weightDecay", "encoderRate",
      "unfreezeAfter",
    ] {
      #expect(settings.contains("\"\(name)\""))
      let other = settings.replacingOccurrences(of: "\"\(name)\"", with: "\"other\"")
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(TrainingSettings.self, from: Data(other.utf8))
      }
    }
    #expect(try encode(smallConfiguration).contains("\"pooling\":\"last\""))
    let read = try JSONDecoder().decode(TrainingSettings.self, from: Data(settings.utf8))
    #expect(read == smallSettings)
  }

  @Test func `settings other than the defaults are written and read back`() throws {
    var (configuration, settings) = (smallConfiguration, smallSettings)
    configuration.pooling = .meanMax
    (settings.wordDropout, settings.emaDecay, settings.unfreezeAfter) = (0.1, 0.99, 2)
    settings.encoderRate = 0.5
    #expect(try encode(configuration).contains("\"pooling\":\"mean-max\""))
    func again<Value: Codable>(_ value: Value) throws -> Value {
      try JSONDecoder().decode(Value.self, from: Data(encode(value).utf8))
    }
    #expect(try again(configuration) == configuration)
    #expect(try again(settings) == settings)
  }

  @Test func `a pooled model is written, read back and fine-tuned with its wide linear layer`()
    throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try LearningTests.train(lexicon) { $0.pooling = .meanMax }
    let path = "\(lexicon.path)/model.safetensors"
    try model.document().encoded().write(to: URL(fileURLWithPath: path))
    let again = try Model(path: path)
    let shard = try #require(try lexicon.folder().shard("a", .test))
    #expect(
      again.predict(shard, threads: 1).probabilities
        == model.predict(shard, threads: 2).probabilities)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let tuned = try LearningTests.finetune(again, wider).0
    let head = tuned.parameters.layout.specs.first { $0.name == "head.c.weight" }
    #expect(head?.shape == [2, 3 * 16])
    #expect(tuned.curves.last?.points.last?.validationAccuracy ?? 0 > 0.8)
  }

  @Test
  func `dropped words become the unknown word, at the rate, with a different mask for each row`() {
    let shard = TokenShard(
      ShardHeader(task: "a", split: .train, classNames: ["x"]),
      elements: Array(repeating: 7, count: 4000),
      offsets: [0, 2000, 4000], labels: [0, 0], textIDs: [0, 1])
    func dropped(step: Int) -> [Int] {
      let source = RandomDropout(key: PRNGKey(seed: 1).foldIn(step), perSequence: true)
      let packed = PackedSequence(
        shard, indices: [0, 1], batchIndices: [0, 1], maxLength: .max,
        uniqueTokens: UniqueTokens(vocabularySize: 9), dropout: WordDropout(source, rate: 0.25))
      return packed.wordRow.indices.filter { packed.words[Int(packed.wordRow[$0])] == 0 }
    }
    let first = dropped(step: 0)
    #expect(first == dropped(step: 0))
    #expect(first != dropped(step: 1))
    // Five standard deviations.
    #expect(abs(first.count - 1000) < 140)
    // Tokens of the two rows alternate.
    let rows = [0, 1].map { row in first.filter { $0 % 2 == row }.map { $0 / 2 } }
    #expect(rows[0] != rows[1])
    #expect(WordDropout(nil, rate: 0.5) == nil)
  }

  @Test
  func `the encoder's weights and the word vectors are trained after the given number of epochs`()
    throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try LearningTests.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    func tune(unfreezeAfter: Int, encoderRate: Double = 1) throws -> Model {
      var (options, settings) = (FineTuningOptions(), smallSettings)
      (options.source, options.scope) = ("a", .all)
      (settings.unfreezeAfter, settings.encoderRate) = (unfreezeAfter, encoderRate)
      (settings.epochs, settings.keepsBest) = (3, false)
      return try model.finetune(
        "c", dataset: wider.folder(), options: options, settings: settings,
        run: TrainingRun(threads: 1)
      ).0
    }
    func values(_ model: Model, _ name: String) -> [Float] {
      model.parameters.layout.specs.filter { $0.name == name }.flatMap {
        Array(model.parameters.values.array[$0.range])
      }
    }
    let vectors = { (model: Model) in Array(model.parameters.embedding.array.prefix(110)) }
    for (after, moves) in [(0, true), (2, true), (3, false)] {
      let tuned = try tune(unfreezeAfter: after)
      for name in ["encoder.w_x", "encoder.w_h"] {
        #expect((values(tuned, name) != values(model, name)) == moves, "\(name) after \(after)")
      }
      #expect((vectors(tuned) != vectors(model)) == moves)
      #expect(values(tuned, "encoder.ln.c.h.gain") != values(model, "encoder.ln.a.h.gain"))
    }
    let still = try tune(unfreezeAfter: 0, encoderRate: 0)
    #expect(values(still, "encoder.w_h") == values(model, "encoder.w_h"))
    #expect(vectors(still) != vectors(model))
  }
}
