import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Model files of baselines.
struct LinearFileTests {
  private let lexicon: TemporaryLexicon
  private let path: String

  init() throws {
    lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    path = "\(lexicon.path)/model.safetensors"
  }

  private func train(_ baseline: Baseline) throws -> LinearModel {
    try LinearModel.train(
      baseline, tasks: ["a", "b"], lexicon: lexicon.folder(), penalty: 0.1, seed: 7, threads: 1
    ) { _, _ in }
  }

  private func read(_ document: SafetensorsDocument) throws -> any Classifier {
    try document.encoded().write(to: URL(fileURLWithPath: path))
    return try trainedModel(at: path)
  }

  @Test func `a model of a newer program is refused with the way out`() throws {
    var document = try train(.bagOfWords).document()
    document.metadata["version"] = "5"
    let error = try #require(throws: UserError.self) { try read(document) }
    #expect(error.exitStatus == .data && error.problem == "format “model”, version 5")
    #expect(error.hint?.contains("made by a newer version of this program") == true)
  }

  @Test(arguments: Baseline.allCases)
  func `a baseline read back predicts the same bytes and is written alike`(
    baseline: Baseline
  ) throws {
    let model = try train(baseline)
    let again = try read(model.document())
    #expect(again.kind == .baseline(baseline) && again.seed == 7 && again.stage == "train")
    #expect(again.learnedTasks == ["a", "b"] && again.curve == nil)
    #expect(again.vocabulary == model.vocabulary)
    #expect(try again.document().encoded() == model.document().encoded())
    #expect((again as? LinearModel)?.tasks == model.tasks)
    for task in ["a", "b"] {
      let shard = try #require(try lexicon.folder().shard(task, .test))
      #expect(
        try again.classify(shard, threads: 2).probabilities
          == model.classify(shard, threads: 1).probabilities)
    }
  }

  @Test func `a network file is read as a network`() throws {
    let network = try LearningTests.train(lexicon)
    let again = try read(network.document())
    #expect(again.kind == .network(.dlnc) && again.seed == 1 && again.stage == "train")
    #expect(again.learnedTasks == ["a", "b"] && again.curve?.points == network.curve?.points)
    let shard = try #require(try lexicon.folder().shard("a", .test))
    #expect(
      try again.classifyUncalibrated(shard, threads: 1).probabilities
        == network.predict(shard, threads: 1).probabilities)
  }

  @Test func `a baseline cannot be fine-tuned`() throws {
    try train(.bagOfWords).document().encoded().write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: UserError.self) { try Model(path: path) }
    #expect(
      error?.problem == "a model of the kind “bag-of-words”, which cannot be fine-tuned")
  }

  @Test func `missing, misshapen, unexpected and invalid tensors are rejected by name`() throws {
    let whole = try train(.bagOfWords).document()
    let features = try #require(train(.bagOfWords).features.first)
    func expectError(about location: String, _ change: (inout SafetensorsDocument) -> Void) {
      var broken = whole
      change(&broken)
      let error = #expect(throws: UserError.self, "\(location)") { try read(broken) }
      #expect(error?.exitStatus == .data)
      #expect(error?.description.contains(location) == true, "\(error?.description ?? "")")
    }
    func ngrams(_ change: (inout [Int32]) -> Void) -> [Int32] {
      var ngrams = (0..<features).flatMap { [Int32(1), Int32($0)] }
      change(&ngrams)
      return ngrams
    }
    let setNgrams: (inout SafetensorsDocument, [Int32]) -> Void = {
      $0.set("ngram.a", shape: [features, 2], $1)
    }
    expectError(about: "head.a.weight") { $0.set("head.a.weight", shape: [2], [Float(0), 0]) }
    expectError(about: "head.b.bias") { $0.set("head.b.bias", shape: [3], [Float(0), 0, 0]) }
    expectError(about: "head.b.bias") { $0.set("head.b.bias", shape: [2], [Float.nan, 0]) }
    expectError(about: "rarity.a") {
      $0.set("rarity.a", shape: [features], [Float](repeating: 0, count: features))
    }
    expectError(about: "ngram.a") { $0.set("rarity.a", shape: [1], [Float(1)]) }
    expectError(about: "ngram.a") { setNgrams(&$0, ngrams { $0[0] = -1 }) }
    expectError(about: "ngram.a") { setNgrams(&$0, ngrams { $0[0] = 0 }) }
    expectError(about: "ngram.a") { setNgrams(&$0, ngrams { $0[1] = 11 }) }
    expectError(about: "out of order") { setNgrams(&$0, ngrams { $0 = $0.map { _ in 1 } }) }
    expectError(about: "surprise") { $0.set("surprise", shape: [1], [Float(0)]) }
    expectError(about: "encoder.w_h") { $0.set("encoder.w_h", shape: [1], [Float(0)]) }
  }

  @Test func `tensors of characters that are missing, too many or out of order are rejected`()
    throws
  {
    let model = try LinearModel.train(
      .bagOfWords, tasks: ["a"], lexicon: lexicon.folder(),
      settings: BagOfWordsSettings(characters: CharacterLengths(3, 5)), penalty: 1, seed: 1,
      threads: 1
    ) { _, _ in }
    let characters = try #require(model.classifiers[0].ngrams.characters?.ngrams)
    #expect(characters.count > 10)
    func message(_ change: (inout SafetensorsDocument) -> Void) throws -> String {
      var document = try model.document()
      change(&document)
      return "\(#expect(throws: UserError.self) { try read(document) }?.description ?? "")"
    }
    let name = "tensor “characters.a”"
    #expect(
      try message {
        $0.set(
          "characters.a", shape: [characters.bytes.count], [UInt8](characters.bytes.reversed()))
      }.contains(name))
    #expect(
      try message {
        $0.set(
          "characters.a", shape: [characters.bytes.count], characters.bytes.map { _ in UInt8(255) })
      }.contains(name))
    #expect(
      try message {
        $0.set("characters.a.offset", shape: [2], [Int64(0), Int64(characters.bytes.count)])
      }.contains("characters.a.offset"))
    #expect(
      try message { $0.set("ngram.a", shape: [1, 2], [Int32(1), 0]) }.contains("characters.a"))
    let none = try message {
      $0.metadata["configuration"] = $0.metadata["configuration"]?
        .replacingOccurrences(of: "\"characters\":\"3-5\",", with: "")
    }
    #expect(none.contains("tensor “ngram.a”"), "\(none)")
    let wrong = try message {
      $0.metadata["configuration"] = $0.metadata["configuration"]?
        .replacingOccurrences(of: "\"3-5\"", with: "\"5-3\"")
    }
    #expect(wrong.contains("configuration"), "\(wrong)")
  }

  @Test func `invalid metadata is rejected`() throws {
    func error(_ baseline: Baseline, _ change: (inout [String: String]) -> Void) throws
      -> UserError?
    {
      var broken = try train(baseline).document()
      change(&broken.metadata)
      return #expect(throws: UserError.self) { try read(broken) }
    }
    let kind = try error(.majority) { $0["kind"] = "oracle" }
    #expect(kind?.expected == "majority or bag-of-words")
    let disguised = try error(.bagOfWords) { $0["kind"] = "majority" }
    #expect(disguised?.problem == "a majority model with features")
    #expect(try error(.majority) { $0["configuration"] = nil }?.exitStatus == .data)
    let twice = try error(.majority) {
      $0["configuration"] = $0["configuration"]?
        .replacingOccurrences(of: "\"name\":\"b\"", with: "\"name\":\"a\"")
    }
    #expect(twice?.problem == "two tasks of one name")
    let missing = try error(.majority) {
      $0["configuration"] = $0["configuration"]?
        .replacingOccurrences(of: "\"name\":\"b\"", with: "\"name\":\"c\"")
    }
    #expect(missing?.problem.contains("c") == true)
    let kept = try error(.majority) {
      $0["configuration"] = $0["configuration"]?
        .replacingOccurrences(of: "\"kept\":0", with: "\"kept\":5")
    }
    #expect(kept?.expected == "the index of a trial")
    #expect(try error(.majority) { $0["vocabulary"] = "{" }?.exitStatus == .data)
  }

  @Test func `each kind of model has a unique name`() {
    #expect(
      ModelKind.allCases.map(\.rawValue) == [
        "dlnc", "no-task-embedding", "separate-cell", "dln-linear", "lstm-linear", "majority",
        "bag-of-words",
      ])
    for kind in ModelKind.allCases { #expect(ModelKind(rawValue: kind.rawValue) == kind) }
    #expect(ModelKind(rawValue: "oracle") == nil)
  }
}
