import Foundation
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// A bag of words that is fitted again, to training and validation rows.
struct ValidationRowsTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 3)]) }

  private func train(
    fits: Bool = true, pools: Bool = false, threads: Int = 1,
    characters: CharacterLengths? = CharacterLengths(3, 5)
  ) throws -> LinearModel {
    try LinearModel.train(
      .bagOfWords, tasks: ["a", "b"], lexicon: lexicon.folder(),
      settings: BagOfWordsSettings(
        weights: .ensemble, characters: characters, fitsValidationRows: fits),
      pools: pools, penalty: nil, seed: 1, threads: threads
    ) { _, _ in }
  }

  @Test func `the weights are those of a fit to the rows of both splits`() throws {
    let (dataset, model) = (try lexicon.folder(), try train())
    let data = try dataset.data(for: "a")
    var rows = data.train
    rows.append(try #require(data.validation))
    let source = CharacterSource(
      lengths: try #require(CharacterLengths(3, 5)), vocabulary: dataset.vocabulary)
    let whole = try LinearClassifier(
      TaskDataset(train: rows, validation: nil),
      BagOfWordsFeatures(
        weights: .ensemble, embedding: dataset.embedding, characters: source),
      penalties: [0.03], threads: 1
    ) { _ in }
    #expect(model.classifiers[0].weights == whole.weights)
    #expect(model.classifiers[0].ngrams == whole.ngrams)
  }

  @Test func `the reported accuracies are those of the fit to the training rows alone`() throws {
    let (again, first) = (try train(), try train(fits: false))
    #expect(again.tasks.map(\.trials) == first.tasks.map(\.trials))
    #expect(again.classifiers[0].weights != first.classifiers[0].weights)
  }

  @Test(arguments: [false, true])
  func `the model says what it learned from`(pools: Bool) throws {
    for (fits, rows) in [(true, 120), (false, 60)] {
      let digest = try #require(try train(fits: fits, pools: pools).trainingData(of: "b"))
      #expect(digest.rows == rows && digest.validationRows == (fits ? 60 : nil))
      let data = try lexicon.folder().data(for: "b")
      #expect(try digest == TrainingDataDigest(data.train, fits ? data.validation : nil))
    }
  }

  @Test func `pooled tasks share one fit to all rows of both splits`() throws {
    let (again, first) = (try train(pools: true), try train(fits: false, pools: true))
    #expect(again.classifiers[0].weights == again.classifiers[1].weights)
    #expect(again.tasks.map(\.trials) == first.tasks.map(\.trials))
    #expect(again.classifiers[0].weights != first.classifiers[0].weights)
  }

  @Test(arguments: [false, true])
  func `threads do not change its bytes, nor does the file its predictions`(pools: Bool) throws {
    let model = try train(pools: pools)
    let bytes = try model.document().encoded()
    #expect(try train(pools: pools, threads: 2).document().encoded() == bytes)
    let path = "\(lexicon.path)/model.safetensors"
    try bytes.write(to: URL(fileURLWithPath: path))
    let again = try trainedModel(at: path)
    #expect(try again.document().encoded() == bytes)
    let shard = try #require(try lexicon.folder().shard("b", .test))
    #expect(
      try again.classify(shard, threads: 2).probabilities
        == model.classify(shard, threads: 1).probabilities)
  }

  @Test func `rows of earlier versions, without unknown words, are refused for characters`() throws
  {
    let model = try train()
    let shard = try #require(try lexicon.folder().shard("a", .train))
    let old = TokenShard(
      shard.header, elements: shard.elements, offsets: shard.offsets, labels: shard.labels,
      textIDs: shard.textIDs)
    #expect(throws: UserError.self) { try model.classify(old, threads: 1) }
    try old.document().encoded().write(
      to: URL(fileURLWithPath: "\(lexicon.path)/a/train.safetensors"))
    let error = #expect(throws: UserError.self) { try train() }
    #expect(error?.hint == "run vocab again" && error?.exitStatus == .data)
    #expect(try train(characters: nil).tasks.count == 2)
  }

  @Test
  func `tasks without test rows are not fitted to validation rows by themselves, but folds are`()
    throws
  {
    #expect(try lexicon.folder().keepsTestRows(of: ["a", "b"]))
    try FileManager.default.removeItem(atPath: "\(lexicon.path)/a/test.safetensors")
    #expect(try !lexicon.folder().keepsTestRows(of: ["a", "b"]))
    var shard = try #require(try lexicon.folder().shard("a", .train))
    shard.splitScheme = Fold(nil, of: 5).splitScheme
    try shard.document().encoded().write(
      to: URL(fileURLWithPath: "\(lexicon.path)/a/train.safetensors"))
    #expect(try lexicon.folder().keepsTestRows(of: ["a", "b"]))
  }
}

/// An n-gram layer of a network that is fitted again, to training and validation rows.
struct NgramLayerRefitTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 3)]) }

  private func train(fits: Bool, heads: Bool = false, threads: Int = 1) throws -> Model {
    var configuration = smallConfiguration
    configuration.ngrams = NgramOptions(dropout: 0.3)
    var settings = smallSettings
    settings.fitsValidationRows = fits
    return try Model.train(
      configuration, tasks: ["a", "b"], dataset: lexicon.folder(),
      sharing: ParameterSharing(heads: heads), settings: settings,
      run: TrainingRun(threads: threads))
  }

  /// The fit to some rows with the penalty that a layer was fitted with.
  private func fit(_ shards: [TokenShard], like layer: LinearClassifier) throws -> [Float] {
    var rows = shards[0]
    for shard in shards.dropFirst() { rows.append(shard) }
    let penalty = try #require(layer.summary.trials.first?.penalty)
    let samples = TfidfDataset(TaskDataset(train: rows, validation: nil), BagOfWordsFeatures())
    return try CrossFit.fit(samples, penalty, 1).weights
  }

  @Test func `it has the weights of a fit to both splits, and no other parameter changes`() throws {
    let (plain, model) = (try train(fits: false), try train(fits: true))
    #expect(model.parameters.values.array == plain.parameters.values.array)
    #expect(model.calibration(of: "a") == plain.calibration(of: "a"))
    #expect(model.curves == plain.curves)
    for task in ["a", "b"] {
      let data = try lexicon.folder().data(for: task)
      let validation = try #require(data.validation)
      let layer = try #require(model.parameters.ngramLayers[task])
      let before = try #require(plain.parameters.ngramLayers[task])
      #expect(try layer.weights == fit([data.train, validation], like: layer))
      #expect(try before.weights == fit([data.train], like: before))
      #expect(model.trainingData(of: task)?.validationRows == validation.count)
      #expect(plain.trainingData(of: task)?.validationRows == nil)
    }
  }

  @Test func `tasks that share a linear layer share the fit to the rows of both splits of all`()
    throws
  {
    let model = try train(fits: true, heads: true)
    let data = try ["a", "b"].map { try lexicon.folder().data(for: $0) }
    let layer = try #require(model.parameters.ngramLayers["a"])
    let rows = try TaskDataset(
      pooling: data.map {
        try #require(try $0.comparingSplits(fitsValidationRows: true, threads: 1).allRows)
      })
    #expect(try layer.weights == fit([rows.train], like: layer))
    #expect(model.parameters.ngramLayers["b"]?.weights == layer.weights)
  }

  @Test(arguments: [false, true])
  func `threads do not change its bytes, nor does the file its predictions`(heads: Bool) throws {
    let model = try train(fits: true, heads: heads)
    let bytes = try model.document().encoded()
    #expect(try train(fits: true, heads: heads, threads: 2).document().encoded() == bytes)
    let path = "\(lexicon.path)/model.safetensors"
    try bytes.write(to: URL(fileURLWithPath: path))
    let shard = try #require(try lexicon.folder().shard("b", .test))
    #expect(
      try trainedModel(at: path).classify(shard, threads: 2).probabilities
        == model.classify(shard, threads: 1).probabilities)
  }

  @Test func `a fine-tuned task gets it, and the other layers stay`() throws {
    let model = try train(fits: false)
    var settings = smallSettings
    settings.fitsValidationRows = true
    let dataset = try lexicon.folder()
    let (tuned, _) = try model.finetune(
      "b", dataset: dataset, options: FineTuningOptions(), settings: settings,
      run: TrainingRun(threads: 1))
    let data = try dataset.data(for: "b")
    let layer = try #require(tuned.parameters.ngramLayers["b"])
    #expect(try layer.weights == fit([data.train, try #require(data.validation)], like: layer))
    #expect(
      tuned.parameters.ngramLayers["a"]?.weights == model.parameters.ngramLayers["a"]?.weights)
    #expect(tuned.trainingData(of: "b")?.validationRows == data.validation?.count)
    // Once more on the same rows, it has learned from no others.
    let (again, _) = try tuned.finetune(
      "b", dataset: dataset, options: FineTuningOptions(), settings: settings,
      run: TrainingRun(threads: 1))
    #expect(again.trainingData(of: "b") == tuned.trainingData(of: "b"))
    #expect(again.earlierTrainingData(of: "b").isEmpty)
  }
}
