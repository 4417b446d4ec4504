import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Fine-tuning on new rows of a task that the model knows.
struct KnownTaskTests {
  private let lexicon: TemporaryLexicon
  private let wider: TemporaryLexicon

  init() throws {
    lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    wider = try TemporaryLexicon(words: 15, tasks: [("a", 3)])
    // Other rows than those of the first training.
    for (seed, split) in Split.labelled.enumerated() {
      try Self.write(
        TemporaryLexicon.learnable("a", 3, split, rows: 60, words: 15, seed: 10 + seed), to: wider)
    }
  }

  private static func write(_ shard: TokenShard, to lexicon: TemporaryLexicon) throws {
    let path = "\(lexicon.path)/\(shard.task)/\(shard.split.rawValue).safetensors"
    try shard.document().encoded().write(to: URL(fileURLWithPath: path))
  }

  private static func update(
    _ model: Model, _ lexicon: TemporaryLexicon, checkpointer: Checkpointer = .none,
    maximumLength: Int = 300, threads: Int = 2,
    _ change: (inout FineTuningOptions) -> Void = { _ in }
  ) throws -> (Model, TransferReport) {
    var options = FineTuningOptions()
    change(&options)
    var settings = smallSettings
    (settings.epochs, settings.maximumLength) = (3, maximumLength)
    return try model.finetune(
      "a", dataset: lexicon.folder(), options: options, settings: settings,
      run: TrainingRun(threads: threads, checkpointer: checkpointer))
  }

  private static func values(_ model: Model, _ name: String) throws -> [Float] {
    let spec = try #require(model.parameters.layout.specs.first { $0.name == name }, "\(name)")
    return Array(model.parameters.values.array[spec.range])
  }

  /// A model of both tasks, whose configuration is changed by `change`.
  private func trained(
    tasks: [String] = ["a", "b"], _ change: (inout ModelConfiguration) -> Void = { _ in }
  ) throws -> Model {
    try LearningTests.train(lexicon, change, tasks: tasks)
  }

  @Test(arguments: [Variant.dlnc, .noTaskEmbedding, .separateCell], [false, true])
  func `only the task's own parameters change, and it gets a copy of a shared cell`(
    variant: Variant, hasNgrams: Bool
  ) throws {
    let model = try trained {
      $0.variant = variant
      $0.ngrams = hasNgrams ? NgramOptions() : nil
    }
    let (updated, report) = try Self.update(model, wider)
    #expect(updated.knownTasks == ["a", "b"] && updated.learnedTasks == ["a"])
    for spec in model.parameters.layout.specs
    where spec.owner == .task("b") || spec.owner == .shared {
      #expect(report.frozen.contains(spec.name))
      #expect(
        try Self.values(updated, spec.name) == Self.values(model, spec.name), "\(spec.name)")
    }
    #expect(
      updated.parameters.ngramLayers["b"]?.weights == model.parameters.ngramLayers["b"]?.weights)
    if hasNgrams {
      // Fitted to the new rows.
      let rows = try #require(try wider.folder().shard("a", .train))
      #expect(updated.parameters.ngramLayers["a"]?.ngrams == TfidfVectorizer(rows))
    }
    #expect(updated.configuration.task("a")?.ownCell == true)
    #expect(
      report.copied.contains("classifier.a.w_h <- classifier.w_h") == (variant != .separateCell))
    for name in ["encoder.ln.a.h.gain", "classifier.a.w_h", "head.a.weight"] {
      #expect(report.trained.contains(name), "\(name)")
    }
    // It continues from the present parameters.
    #expect(!report.initialized.contains { $0.hasPrefix("head") })
    let before = try #require(model.curve?.points.filter { $0.task == "a" })
    let first = try #require(updated.curve?.points.first)
    #expect(first.trainLoss < before[0].trainLoss * (hasNgrams ? 1 : 0.5))
  }

  @Test func `the other tasks predict the same bytes, also for new words and longer rows`() throws {
    let model = try trained()
    let (updated, report) = try Self.update(model, wider, maximumLength: 3)
    #expect(report.newWords == 4)
    let shard = try #require(try lexicon.folder().shard("b", .test))
    let before = model.predict(shard, threads: 1).probabilities
    #expect(updated.predict(shard, threads: 2).probabilities == before)
    // The new words were unknown to the old model.
    let elements = shard.elements.enumerated().map { $0 % 3 == 0 ? Int32(11 + $0 % 4) : $1 }
    func replaced(_ elements: [Int32]) -> TokenShard {
      TokenShard(
        shard.header, elements: elements, offsets: shard.offsets, labels: shard.labels,
        textIDs: shard.textIDs)
    }
    let unknown = replaced(elements.map { $0 < 11 ? $0 : 0 })
    #expect(
      updated.predict(replaced(elements), threads: 2).probabilities
        == model.predict(unknown, threads: 1).probabilities)
    #expect(updated.configuration.task("b")?.vocabularySize == 11)
    #expect(updated.configuration.task("a")?.vocabularySize == nil)
    // Also after a file and one more update.
    let path = "\(lexicon.path)/model.safetensors"
    try updated.document().encoded().write(to: URL(fileURLWithPath: path))
    let again = try Self.update(Model(path: path), wider).0
    #expect(again.predict(shard, threads: 1).probabilities == before)
  }

  @Test func `all that the task was trained on is recorded once`() throws {
    let model = try trained()
    let (updated, _) = try Self.update(model, wider)
    let old = try #require(model.trainingData(of: "a"))
    let new = try TrainingDataDigest(try #require(try wider.folder().shard("a", .train)))
    #expect(updated.trainingData(of: "a") == new)
    #expect(updated.configuration.task("a")?.earlierTrainingData == [old])
    #expect(try Self.update(updated, wider).0.configuration.task("a")?.earlierTrainingData == [old])
    #expect(try Self.update(model, lexicon).0.configuration.task("a")?.earlierTrainingData == nil)
  }

  @Test(arguments: [false, true])
  func `an interrupted update resumes to the same bytes`(hasNgrams: Bool) throws {
    let model = try trained { $0.ngrams = hasNgrams ? NgramOptions() : nil }
    let whole = try Self.update(model, wider).0.document().encoded()
    for stop in [1, 6, 7, 18] {
      let memory = Memory()
      #expect(throws: Interrupted.self) {
        try Self.update(model, wider, checkpointer: memory.checkpointer(stopAfter: stop))
      }
      let resumed = try Self.update(
        model, wider, checkpointer: memory.checkpointer(stopAfter: nil), threads: 1)
      #expect(try resumed.0.document().encoded() == whole, "stopped after step \(stop)")
    }
  }

  @Test func `classes are matched by name, and some may be missing`() throws {
    let model = try trained()
    let straight = try Self.update(model, wider).0
    for split in Split.labelled {
      let shard = try #require(try wider.folder().shard("a", split))
      try Self.write(try shard.mapped(to: ["class 2", "class 0", "class 1"]), to: wider)
    }
    let turned = try Self.update(model, wider).0
    #expect(turned.classNames(of: "a") == ["class 0", "class 1", "class 2"])
    #expect(try Self.values(turned, "head.a.weight") == Self.values(straight, "head.a.weight"))

    let fewer = try TemporaryLexicon(words: 15, tasks: [("a", 2)])
    let partial = try Self.update(model, fewer).0
    #expect(partial.classNames(of: "a")?.count == 3)
    let warnings = try partial.trainingWarnings(fewer.folder())
    #expect(warnings.contains { $0.hasPrefix("a: no training rows of “class 2”, ") })
  }

  @Test func `a new class is an error, or is added after the others`() throws {
    let model = try trained { $0.ngrams = NgramOptions() }
    let more = try TemporaryLexicon(words: 15, tasks: [("a", 4)])
    let error = #expect(throws: UserError.self) { try Self.update(model, more) }
    #expect(error?.exitStatus == .data && error?.hint?.contains("--add-classes") == true)
    #expect(
      error?.problem == "classes that “a” of the model does not have: “class 3”")
    let (grown, report) = try Self.update(model, more) { $0.addsClasses = true }
    #expect(grown.classNames(of: "a") == (0..<4).map { "class \($0)" })
    #expect(report.initialized.contains("head.a.weight"))
    let shard = try #require(try more.folder().shard("a", .test))
    let probabilities = try grown.classify(shard, threads: 1).probabilities
    #expect(probabilities.count == 4 * shard.count)
    let predicted = (0..<shard.count).map { row in
      (0..<4).max { probabilities[4 * row + $0] < probabilities[4 * row + $1] } ?? 0
    }
    #expect(zip(predicted, shard.labels).count { $0 == Int($1) } > shard.count * 2 / 3)
  }

  @Test func `what would change other tasks is refused, and allowed without other tasks`() throws {
    let model = try trained()
    for change: (inout FineTuningOptions) -> Void in [
      { $0.scope = .all }, { $0.sharesCell = true }, { $0.source = "b" },
    ] {
      let error = #expect(throws: UserError.self) { try Self.update(model, wider, change) }
      #expect(error?.exitStatus == .usage)
    }
    let alone = try trained(tasks: ["a"])
    let (all, report) = try Self.update(alone, wider) { $0.scope = .all }
    #expect(report.frozen.isEmpty && all.configuration.task("a")?.ownCell == false)
    // Without other tasks, the cell needs no copy.
    #expect(try Self.update(alone, wider).1.trained.contains("classifier.w_h"))
    let plain = try trained(tasks: ["a"]) { $0.variant = .lstmLinear }
    #expect(throws: UserError.self) { try Self.update(plain, wider) }
    #expect(try Self.update(plain, wider) { $0.scope = .all }.1.trained.contains("encoder.w_h"))
  }

  @Test func `impossible sizes in the description of a task are errors`() throws {
    let document = try Self.update(try trained(), wider, maximumLength: 9).0.document()
    let path = "\(lexicon.path)/model.safetensors"
    for key in ["vocabularySize\":11", "maximumLength\":300"] {
      let configuration = try #require(document.metadata["configuration"])
      #expect(configuration.contains(key))
      for value in ["-1", "0"] {
        var broken = document
        let name = key.prefix { $0 != ":" }
        broken.metadata["configuration"] = configuration.replacing(key, with: "\(name):\(value)")
        try broken.encoded().write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: UserError.self) { try Model(path: path) }
        #expect(error?.exitStatus == .data)
      }
    }
  }
}
