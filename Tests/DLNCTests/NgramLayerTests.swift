import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// The n-gram layer from end to end.
struct NgramLayerTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)]) }

  private static func configuration(
    dropout: Double = 0.3, characters: CharacterLengths? = nil
  ) -> ModelConfiguration {
    var configuration = smallConfiguration
    configuration.ngrams = NgramOptions(dropout: dropout, characters: characters)
    return configuration
  }

  private func train(
    _ configuration: ModelConfiguration, epochs: Int = 3, threads: Int = 1,
    checkpointer: Checkpointer = .none
  ) throws -> Model {
    var settings = smallSettings
    (settings.epochs, settings.batch) = (epochs, 20)
    return try Model.train(
      configuration, tasks: ["a", "b"], dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: threads, checkpointer: checkpointer))
  }

  private func tune(
    _ model: Model, _ wider: TemporaryLexicon, checkpointer: Checkpointer = .none
  ) throws -> (Model, TransferReport) {
    var options = FineTuningOptions()
    options.source = "a"
    var settings = smallSettings
    settings.epochs = 3
    return try model.finetune(
      "c", dataset: wider.folder(), options: options, settings: settings,
      run: TrainingRun(threads: 1, checkpointer: checkpointer))
  }

  private func test(_ task: String, _ lexicon: TemporaryLexicon? = nil) throws -> TokenShard {
    try #require(try (lexicon ?? self.lexicon).folder().shard(task, .test))
  }

  @Test func `a model file without the layer does not mention it`() throws {
    let document = try train(smallConfiguration).document()
    #expect(document.metadata["configuration"]?.contains("ngram") == false)
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    #expect(!file.names.contains { $0.contains("ngram") })
  }

  @Test func `the layer adds the scaled logits of the bag of words`() throws {
    let model = try train(Self.configuration())
    let bare = try train(Self.configuration())
    bare.parameters.ngramLayers = [:]
    let shard = try test("a")
    let layer = try #require(model.parameters.ngramLayers["a"])
    let fit = try CrossFit(
      try #require(try lexicon.folder().shard("a", .train)), seed: 1, threads: 1)
    #expect(layer.weights == fit.classifier.weights)
    let scale = try #require(model.parameters.layout.tasks["a"]?.ngramScale)
    let scores = fit.classifier.logits(layer.ngrams.rows(shard, 0..<shard.count), threads: 1)
    var expected = bare.predict(shard, threads: 1).probabilities.map { log(Double($0)) }
    for index in expected.indices {
      expected[index] += Double(model.parameters.values.start[scale + index % 3]) * scores[index]
    }
    for row in 0..<shard.count {
      _ = softmax(&expected, row * 3..<row * 3 + 3, target: 0)
    }
    #expect(distance(model.predict(shard, threads: 1).probabilities, expected) < 1e-5)
    // The scale starts at 1 and learns.
    #expect((0..<3).allSatisfy { model.parameters.values.start[scale + $0] != 1 })
  }

  @Test func `the result does not depend on threads or on other rows`() throws {
    let model = try train(Self.configuration())
    let other = try train(Self.configuration(), threads: 2)
    #expect(try model.document().encoded() == other.document().encoded())
    let shard = try test("a")
    let together = model.predict(shard, threads: 2).probabilities
    for row in 0..<10 {
      let alone = model.predict(shard.rows([row]), threads: 1).probabilities
      #expect(alone == Array(together[row * 3..<row * 3 + 3]))
    }
  }

  @Test(arguments: [nil, CharacterLengths(2, 3)])
  func `a model file that is read predicts and is written bytewise identically`(
    characters: CharacterLengths?
  ) throws {
    let model = try train(Self.configuration(characters: characters))
    #expect((model.parameters.ngramLayers["a"]?.ngrams.characters == nil) == (characters == nil))
    let path = "\(lexicon.path)/model.safetensors"
    try model.document().encoded().write(to: URL(fileURLWithPath: path))
    let again = try Model(path: path)
    #expect(again.configuration == model.configuration)
    #expect(try again.document().encoded() == model.document().encoded())
    #expect(
      try again.predict(test("b"), threads: 1).probabilities
        == model.predict(test("b"), threads: 1).probabilities)
    #expect(again.parameterCounts == model.parameterCounts)
  }

  @Test func `training stopped after any step resumes to the same bytes`() throws {
    let configuration = Self.configuration()
    let whole = try train(configuration).document().encoded()
    for stop in stride(from: 1, through: 18, by: 3) {
      let memory = Memory()
      #expect(throws: Interrupted.self) {
        try train(configuration, threads: 2, checkpointer: memory.checkpointer(stopAfter: stop))
      }
      let resumed = try train(configuration, checkpointer: memory.checkpointer(stopAfter: nil))
      #expect(try resumed.document().encoded() == whole, "stopped after step \(stop)")
    }
  }

  @Test
  func `a further task gets its own layer, and the predictions of the other tasks do not change`()
    throws
  {
    let model = try train(Self.configuration(characters: CharacterLengths(2, 3)))
    let before = try model.predict(test("a"), threads: 1).probabilities
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let (tuned, report) = try tune(model, wider)
    #expect(tuned.parameters.ngramLayers.keys.sorted() == ["a", "b", "c"])
    #expect(try tuned.predict(test("a"), threads: 1).probabilities == before)
    let train = try #require(try wider.folder().shard("c", .train))
    #expect(tuned.parameters.ngramLayers["c"]?.ngrams.keys == TfidfVectorizer(train).keys)
    #expect(report.initialized.contains("ngrams.c.weight"))
    #expect(report.frozen.contains("ngrams.c.weight"))
    #expect(report.trained.contains("ngrams.c.scale"))
    let memory = Memory()
    #expect(throws: Interrupted.self) {
      try tune(model, wider, checkpointer: memory.checkpointer(stopAfter: 5))
    }
    let resumed = try tune(model, wider, checkpointer: memory.checkpointer(stopAfter: nil)).0
    #expect(try resumed.document().encoded() == tuned.document().encoded())
  }

  @Test(arguments: [Variant.noTaskEmbedding, .separateCell])
  func `every multi-task variant can have the layer`(variant: Variant) throws {
    var configuration = Self.configuration()
    configuration.variant = variant
    let model = try train(configuration)
    #expect(try model.predict(test("a"), threads: 1).loss < 1)
  }

  @Test func `missing tensors, wrong shapes and invalid values are errors with the tensor's name`()
    throws
  {
    let whole = try train(Self.configuration(), epochs: 1).document()
    let features = try #require(
      try SafetensorsFile(bytes: whole.encoded(), path: "memory").header.tensors["rarity.a"]?.shape[
        0])
    let path = "\(lexicon.path)/model.safetensors"
    func expectError(of place: String, _ change: (inout SafetensorsDocument) -> Void) throws {
      var broken = whole
      change(&broken)
      try broken.encoded().write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: UserError.self, "\(place)") { try Model(path: path) }
      #expect(error?.exitStatus == .data)
      #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
    }
    func said(_ old: String, _ new: String) -> (inout SafetensorsDocument) -> Void {
      {
        #expect($0.metadata["configuration"]?.contains(old) == true)
        $0.metadata["configuration"] = $0.metadata["configuration"]?
          .replacingOccurrences(of: old, with: new)
      }
    }
    try expectError(of: "ngrams.a.weight") {
      $0.set("ngrams.a.weight", shape: [3, 1], [Float](repeating: 0, count: 3))
    }
    try expectError(of: "ngrams.a.weight") {
      $0.set(
        "ngrams.a.weight", shape: [3, features],
        [Float](repeating: .infinity, count: 3 * features))
    }
    try expectError(of: "ngrams.b.bias") { $0.set("ngrams.b.bias", shape: [1], [Float(0)]) }
    try expectError(of: "ngrams.b.scale") { $0.set("ngrams.b.scale", shape: [1], [Float(0)]) }
    try expectError(of: "ngram.a") {
      $0.set("ngram.a", shape: [features, 2], [Int32](repeating: 11, count: 2 * features))
    }
    try expectError(of: "out of order") {
      $0.set("ngram.a", shape: [features, 2], [Int32](repeating: 1, count: 2 * features))
    }
    try expectError(of: "surprise") { $0.set("surprise", shape: [1], [Float(0)]) }
    try expectError(of: "n-gram dropout", said("\"dropout\":0.3", "\"dropout\":1"))
    try expectError(of: "configuration", said("\"dropout\":0.3", "\"dropout\":\"often\""))
    // Without the layer in the configuration, its tensors are unknown.
    try expectError(of: "ngram", said("\"ngrams\":", "\"other\":"))
  }
}
