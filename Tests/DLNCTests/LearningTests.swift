import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Training and fine-tuning from end to end, on small tasks.
struct LearningTests {
  static func train(
    _ lexicon: TemporaryLexicon, _ change: (inout ModelConfiguration) -> Void = { _ in },
    tasks: [String] = ["a", "b"], sharing: ParameterSharing = ParameterSharing()
  ) throws -> Model {
    var configuration = smallConfiguration
    change(&configuration)
    return try Model.train(
      configuration, tasks: tasks, dataset: lexicon.folder(), sharing: sharing,
      settings: smallSettings, run: TrainingRun(threads: 2))
  }

  static func finetune(
    _ model: Model, _ lexicon: TemporaryLexicon,
    _ change: (inout FineTuningOptions) -> Void = { _ in }
  ) throws -> (Model, TransferReport) {
    var options = FineTuningOptions()
    options.source = "a"
    change(&options)
    return try model.finetune(
      "c", dataset: lexicon.folder(), options: options, settings: smallSettings,
      run: TrainingRun(threads: 2))
  }

  private func accuracy(_ model: Model, _ lexicon: TemporaryLexicon, _ task: String) throws
    -> Double
  {
    let shard = try #require(try lexicon.folder().shard(task, .test))
    let classes = shard.classNames.count
    let probabilities = model.predict(shard, threads: 2).probabilities
    let right = shard.labels.enumerated().filter { row, label in
      let values = probabilities[row * classes..<(row + 1) * classes]
      return values.firstIndex(of: values.max() ?? 0) == row * classes + Int(label)
    }
    return Double(right.count) / Double(shard.count)
  }

  @Test(arguments: [Variant.dlnc, .noTaskEmbedding, .separateCell, .dlnLinear])
  func `every multi-task variant learns two tasks at once`(variant: Variant) throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon) { $0.variant = variant }
    #expect(try accuracy(model, lexicon, "a") > 0.8)
    #expect(try accuracy(model, lexicon, "b") > 0.8)
  }

  @Test func `LSTM+linear learns one task; two are an error`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon, { $0.variant = .lstmLinear }, tasks: ["a"])
    #expect(try accuracy(model, lexicon, "a") > 0.8)
    let error = #expect(throws: UserError.self) {
      try Self.train(lexicon) { $0.variant = .lstmLinear }
    }
    #expect(error?.exitStatus == .usage)
  }

  @Test func `the kept epoch has the best validation score`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let curve = try #require(try Self.train(lexicon).curves.last)
    let best = try #require(curve.score(epoch: curve.bestEpoch))
    for epoch in 1...smallSettings.epochs {
      let other = try #require(curve.score(epoch: epoch))
      #expect(best.accuracy >= other.accuracy)
    }
  }

  @Test func `a model file that is read predicts and is written bytewise identically`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    let file = try model.document().encoded()
    let path = "\(lexicon.path)/model.safetensors"
    try file.write(to: URL(fileURLWithPath: path))
    let again = try Model(path: path)
    #expect(try again.document().encoded() == file)
    #expect(again.configuration == model.configuration)
    let shard = try #require(try lexicon.folder().shard("a", .test))
    #expect(
      again.predict(shard, threads: 1).probabilities
        == model.predict(shard, threads: 2).probabilities)
  }

  @Test func `missing, unknown and misshapen tensors of a model file are errors`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let document = try Self.train(lexicon).document()
    func refusal(_ change: (inout SafetensorsDocument) -> Void) throws -> UserError? {
      var broken = document
      change(&broken)
      let path = "\(lexicon.path)/broken.safetensors"
      try broken.encoded().write(to: URL(fileURLWithPath: path))
      return #expect(throws: UserError.self) { try Model(path: path) }
    }
    let short = try refusal { $0.set("encoder.w_h", shape: [4], [Float](repeating: 0, count: 4)) }
    #expect(short?.location.contains("encoder.w_h") == true)
    let stranger = try refusal { $0.set("surprise", shape: [1], [Float(0)]) }
    #expect(stranger?.location.contains("surprise") == true)
    let other = try refusal { $0.metadata["format"] = "tokens" }
    #expect(other?.exitStatus == .data)
    let huge = try refusal { document in
      document.metadata["configuration"] = document.metadata["configuration"]?
        .replacingOccurrences(of: "\"hidden\":16", with: "\"hidden\":99999999999")
    }
    #expect(huge?.exitStatus == .data)
  }

  @Test func `fine-tuning leaves old parameters and old predictions as they were, to the byte`()
    throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("a", 3), ("b", 2), ("c", 2)])
    let (tuned, report) = try Self.finetune(model, wider)
    #expect(try accuracy(tuned, wider, "c") > 0.8)
    #expect((report.oldWords, report.newWords) == (11, 4))
    #expect(report.initialized == ["head.c.weight", "head.c.bias"])
    for task in ["a", "b"] {
      let shard = try #require(try lexicon.folder().shard(task, .test))
      #expect(
        tuned.predict(shard, threads: 2).probabilities
          == model.predict(shard, threads: 2).probabilities)
    }
    let (old, new) = (model.parameters, tuned.parameters)
    for entry in old.layout.specs {
      let place = try #require(new.layout.specs.first { $0.name == entry.name })
      #expect(report.frozen.contains(entry.name))
      #expect(
        old.values.array[entry.range].elementsEqual(new.values.array[place.range]), "\(entry.name)")
    }
    let vectors = try wider.folder().embedding.values
    #expect(Array(new.embedding.array.prefix(110)) == old.embedding.array)
    #expect(Array(new.embedding.array.dropFirst(110)) == Array(vectors.dropFirst(110)))
    #expect(Set(report.trained).isDisjoint(with: report.frozen))
    #expect(report.trained.contains("encoder.ln.c.x.gain"))
    #expect(report.trained.contains("classifier.c.w_h"))
    #expect(!report.trained.contains("encoder.w_h"))
  }

  @Test func `the new task starts from the source task's norms, or from fresh ones`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let taken = try Self.finetune(model, wider).1.copied
    #expect(taken.contains("encoder.ln.c.h.shift <- encoder.ln.a.h.shift"))
    #expect(taken.contains("classifier.c.w_h <- classifier.w_h"))
    #expect(taken.contains("classifier.c.ln.c.c.gain <- classifier.ln.a.c.gain"))
    #expect(taken.contains("task_embedding.c <- task_embedding.a"))
    let fresh = try Self.finetune(model, wider) { $0.source = nil }.1
    #expect(fresh.copied.isEmpty)
    #expect(fresh.initialized.contains("encoder.ln.c.h.shift"))
  }

  @Test func `fine-tuning everything moves the encoder, and a shared cell moves for all`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let all = try Self.finetune(model, wider) { $0.scope = .all }.1
    #expect(all.trained.contains("encoder.w_h") && all.trained.contains("embedding.weight"))
    #expect(all.frozen.contains("encoder.ln.a.h.gain"))
    let (shared, report) = try Self.finetune(model, wider) { $0.sharesCell = true }
    #expect(report.trained.contains("classifier.w_h"))
    #expect(shared.configuration.task("c")?.ownCell == false)
  }

  @Test func `invalid options of fine-tuning are errors`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    let other = try TemporaryLexicon(words: 9, tasks: [("c", 2)])
    #expect(throws: UserError.self) { try Self.finetune(model, other) }
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let source = #expect(throws: UserError.self) {
      try Self.finetune(model, wider) { $0.source = "z" }
    }
    #expect(source?.expected == "a task of the model: a, b")
    let plain = try Self.train(lexicon, { $0.variant = .lstmLinear }, tasks: ["a"])
    #expect(throws: UserError.self) { try Self.finetune(plain, wider) }
  }

  @Test func `a diverging training stops with a hint`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    var settings = smallSettings
    (settings.learningRate, settings.maxGradientNorm) = (1e30, 0)
    let error = #expect(throws: UserError.self) {
      try Model.train(
        smallConfiguration, tasks: ["a"], dataset: lexicon.folder(), settings: settings,
        run: TrainingRun(threads: 1))
    }
    #expect(error?.hint == "use a lower --learning-rate or a smaller --max-grad-norm")
  }

  @Test func `a task that the dataset does not have is an error`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    let error = #expect(throws: UserError.self) { try Self.train(lexicon, tasks: ["z"]) }
    #expect(error?.problem == "no training rows for the task “z”")
    #expect(error?.exitStatus == .noInput)
  }

  @Test func `batches are distributed over tasks by size, equally, or in between`() {
    func shares(_ mixing: Double) -> [Int] {
      var settings = TrainingSettings()
      (settings.batch, settings.mixing) = (10, mixing)
      let shards = [("a", 400), ("b", 100)].map { name, rows in
        TemporaryLexicon.learnable(name, 2, .train, rows: rows, words: 11, seed: 1)
      }
      let batches = BatchOrder(shards, settings).batches(epoch: 0)
      return ["a", "b"].map { name in batches.count { $0.shard.task == name } }
    }
    #expect(shares(1) == [40, 10])
    #expect(shares(0) == [25, 25])
    #expect(shares(0.5) == [33, 17])
  }

  @Test func `an epoch visits every row once, each epoch in another order`() {
    let shard = TemporaryLexicon.learnable("a", 2, .train, rows: 95, words: 11, seed: 1)
    var settings = TrainingSettings()
    settings.batch = 10
    let order = BatchOrder([shard], settings)
    let (first, second) = (order.batches(epoch: 0), order.batches(epoch: 1))
    #expect(first.flatMap(\.indices).sorted() == Array(0..<95))
    #expect(first.map(\.indices) != second.map(\.indices))
    #expect(order.batches(epoch: 0).map(\.indices) == first.map(\.indices))
    #expect(order.count == 10)
  }

  @Test func `the rate rises, peaks and falls to zero`() {
    var settings = TrainingSettings()
    (settings.learningRate, settings.warmup) = (1, 10)
    #expect(settings.rate(step: 0, total: 110) == 0.1)
    #expect(settings.rate(step: 9, total: 110) == 1)
    #expect(settings.rate(step: 60, total: 110) == 0.5)
    settings.decay = false
    #expect(settings.rate(step: 60, total: 110) == 1)
  }
}
