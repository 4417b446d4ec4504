import Foundation
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Tasks whose rows have any number of classes: training, files and fine-tuning.
struct MultiLabelTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try Self.lexicon() }

  /// The tasks “a”, with one class a row, and “m”, with any number.
  static func lexicon() throws -> TemporaryLexicon {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("m", 3)])
    for (seed, split) in Split.labelled.enumerated() {
      try lexicon.write(
        learnable("m", split, rows: 90, seed: seed).document(), "m/\(split.rawValue)")
    }
    return lexicon
  }

  /// Rows of noise with the word `label + 1` twice for each label.
  static func learnable(_ task: String, _ split: Split, rows: Int, seed: Int) -> TokenShard {
    var stream = SplitMix64(PRNGKey(seed: seed).foldIn("label sets"))
    var builder = ShardBuilder<Int32>(
      ShardHeader(
        task: task, split: split, classNames: ["x", "y", "z"], isMultiLabel: true))
    for row in 0..<rows {
      let labels = (0..<Int32(3)).filter { _ in stream.below(5) < 2 }
      var tokens =
        labels.flatMap { [$0 + 1, $0 + 1] } + (0..<4).map { _ in 4 + Int32(stream.below(7)) }
      stream.shuffle(&tokens)
      builder.append(tokens, classes: labels, textID: row)
    }
    return builder.shard
  }

  private func test(_ task: String) throws -> TokenShard {
    try #require(try lexicon.folder().shard(task, .test))
  }

  /// Micro-F1 with the thresholds of the model.
  private func microF1(_ model: any Classifier, _ shard: TokenShard) throws -> Double {
    let thresholds = try #require(model.labelThresholds(of: shard.task))
    let probabilities = try model.classify(shard, threads: 1).probabilities
    var (correct, decisions) = (0, 0)
    for row in 0..<shard.count {
      let given = thresholds.labels(probabilities[row * 3..<(row + 1) * 3])
      correct += 2 * given.count { shard.classes(of: row).contains(Int32($0)) }
      decisions += given.count + shard.classes(of: row).count
    }
    return Double(correct) / Double(decisions)
  }

  private func network(
    tasks: [String] = ["a", "m"], threads: Int = 2,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Model {
    var settings = smallSettings
    (settings.epochs, settings.calibrates) = (12, true)
    change(&settings)
    return try Model.train(
      smallConfiguration, tasks: tasks, dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: threads))
  }

  private func linear(
    tasks: [String] = ["a", "m"], threads: Int = 1, pools: Bool = false,
    _ change: (inout BagOfWordsSettings) -> Void = { _ in }
  ) throws -> LinearModel {
    var settings = BagOfWordsSettings()
    change(&settings)
    return try LinearModel.train(
      .bagOfWords, tasks: tasks, lexicon: lexicon.folder(), settings: settings, pools: pools,
      penalty: nil, seed: 1, threads: threads
    ) { _, _ in }
  }

  @Test(arguments: ["1", "0.03"])
  func `probabilities are those of one regression for each label in scikit-learn`(
    penalty: String
  ) throws {
    let reference = try BagOfWordsReference(3)
    let (all, train) = (try reference.labelSets(of: reference.all), reference.train)
    let classifier = try LinearClassifier(
      TaskDataset(train: try reference.labelSets(of: train), validation: nil),
      penalties: [try #require(Double(penalty))], threads: 1
    ) { _ in }
    let (probabilities, _) = classifier.predict(all, threads: 2)
    #expect(
      distance(probabilities, try reference.file.values("sets.\(penalty).probability")) < 1e-5)
  }

  @Test func `one network learns tasks of both kinds`() throws {
    let model = try network()
    #expect(try microF1(model, test("m")) > 0.9)
    let single = try model.classify(test("a"), threads: 1).probabilities
    for row in 0..<60 {
      #expect(abs(single[row * 3..<(row + 1) * 3].reduce(0, +) - 1) < 1e-5)
    }
    #expect(model.labelThresholds(of: "a") == nil && model.labelThresholds(of: "m")?.rows == 90)
    let accuracy = try #require(model.validationScore(of: "m")?.accuracy)
    #expect(accuracy > 0.9 && accuracy < 1.0001)
  }

  @Test func `a bag of words learns tasks of both kinds, with any weights`() throws {
    for weights in [NgramWeights.tfidf, .ensemble] {
      let model = try linear { $0.weights = weights }
      #expect(try microF1(model, test("m")) > 0.9, "\(weights)")
      #expect(model.labelThresholds(of: "a") == nil)
    }
  }

  @Test func `the number of threads does not change a bit of either model`() throws {
    #expect(
      try network(threads: 1).document().encoded() == network(threads: 3).document().encoded())
    #expect(
      try linear(threads: 1).document().encoded() == linear(threads: 3).document().encoded())
  }

  @Test func `a model file has the thresholds, and a version that earlier programs refuse`() throws
  {
    let models: [any Classifier] = [try network(tasks: ["m"]), try linear()]
    for (index, model) in models.enumerated() {
      let document = try model.document()
      #expect(document.metadata["version"] == "3")
      try lexicon.write(document, "model-\(index)")
      let read = try trainedModel(at: "\(lexicon.path)/model-\(index).safetensors")
      #expect(read.labelThresholds(of: "m") == model.labelThresholds(of: "m"))
      let (before, after) = (
        try model.classify(test("m"), threads: 1), try read.classify(test("m"), threads: 1)
      )
      #expect(before.probabilities == after.probabilities && before.loss == after.loss)
    }
    #expect(try network(tasks: ["a"]).document().metadata["version"] == "2")
  }

  @Test(arguments: ["[0.5,0.5]", "[0.5,0.5,1]", "[0.5,0,0.5]"])
  func `wrong thresholds in a file are refused`(values: String) throws {
    var document = try linear(tasks: ["m"]).document()
    let text = try #require(document.metadata["configuration"])
    document.metadata["configuration"] = text.replacing(
      try Regex(#""values":\[[^\]]*\]"#), with: "\"values\":\(values)")
    try lexicon.write(document, "damaged")
    let error = #expect(throws: UserError.self) {
      _ = try trainedModel(at: "\(lexicon.path)/damaged.safetensors")
    }
    #expect(error?.problem.contains("thresholds of labels") == true)
  }

  @Test func `rows of the other kind are refused`() throws {
    let model = try network()
    var rows = try test("m")
    rows.header.task = "a"
    rows.header.classNames = ["class 0", "class 1", "class 2"]
    let error = #expect(throws: UserError.self) { _ = try model.classify(rows, threads: 1) }
    #expect(
      error?.problem == "any number of classes a row (multi-label)"
        && error?.hint?.contains("--multi-label") == true)
  }

  @Test func `fine-tuning adds a multi-label task, and leaves the others`() throws {
    let model = try network(tasks: ["a"])
    var options = FineTuningOptions()
    options.source = "a"
    var settings = smallSettings
    settings.epochs = 16
    let (tuned, _) = try model.finetune(
      "m", dataset: lexicon.folder(), options: options, settings: settings,
      run: TrainingRun(threads: 2))
    #expect(try microF1(tuned, test("m")) > 0.8)
    let (before, after) = (
      try model.classify(test("a"), threads: 1), try tuned.classify(test("a"), threads: 1)
    )
    #expect(before.probabilities == after.probabilities)
  }

  @Test func `tasks of different kinds are not pooled`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("m", 3)])
    var rows = Self.learnable("m", .train, rows: 30, seed: 1)
    rows.classNames = ["class 0", "class 1", "class 2"]
    try lexicon.write(rows.document(), "m/train")
    let data = try ["a", "m"].map { try lexicon.folder().data(for: $0) }
    #expect(LinearModel.pools(data.map(\.train.header)) == [["a"], ["m"]])
    #expect(LinearModel.pools([data[1], data[1]].map(\.train.header)) == [["m", "m"]])
  }

  @Test func `multi-label tasks with the same classes share rows, weights or a linear layer`()
    throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("m", 3), ("n", 3)])
    for (number, task) in ["m", "n"].enumerated() {
      for (seed, split) in Split.labelled.enumerated() {
        try lexicon.write(
          Self.learnable(task, split, rows: 60, seed: 10 * number + seed).document(),
          "\(task)/\(split.rawValue)")
      }
    }
    let rows = try #require(try lexicon.folder().shard("n", .test))
    for (pools, ratio) in [(true, nil), (false, 3.0)] {
      var settings = BagOfWordsSettings()
      settings.weights = .tfidf
      let model = try LinearModel.train(
        .bagOfWords, tasks: ["m", "n"], lexicon: lexicon.folder(), settings: settings,
        pools: pools, ownPenaltyRatio: ratio, penalty: nil, seed: 1, threads: 1
      ) { _, _ in }
      #expect(try microF1(model, rows) > 0.9, "pools \(pools)")
    }
    var settings = smallSettings
    settings.epochs = 12
    let network = try Model.train(
      smallConfiguration, tasks: ["m", "n"], dataset: lexicon.folder(),
      sharing: ParameterSharing(heads: true), settings: settings, run: TrainingRun(threads: 2))
    #expect(network.configuration.task("n")?.sharedHead?.name == "m")
    #expect(try microF1(network, rows) > 0.9)
  }

  @Test func `a label without rows is never given, and one of all rows always`() throws {
    var train = Self.learnable("m", .train, rows: 90, seed: 1)
    train.labelSets = LabelSets((0..<90).map { $0 % 2 == 0 ? [0, 2] : [2] })
    let classifier = try LinearClassifier(
      TaskDataset(train: train, validation: nil), penalties: [1], threads: 1
    ) { _ in }
    let (probabilities, _) = classifier.predict(train, threads: 1)
    for row in 0..<90 {
      #expect(probabilities[3 * row + 1] < 1e-30 && probabilities[3 * row + 2] > 1 - 1e-6)
    }
  }

  @Test func `the words that explain a label are those that stand for it`() throws {
    let rows = try test("m")
    let row = try #require((0..<rows.count).first { rows.classes(of: $0).elementsEqual([1]) })
    for model in [try network(), try linear()] as [any Classifier] {
      let words = try #require(try model.explain(rows.rows([row]), threads: 1))[0]
      #expect(words.first?.word == "word2" && words.first.map { $0.by > 0 } == true)
    }
  }
}
