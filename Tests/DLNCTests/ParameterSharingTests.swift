import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Networks whose tasks share norms or linear layers.
struct ParameterSharingTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try .withReorderedClasses() }

  private func trained(
    norms: Bool = true, heads: Bool = true, tasks: [String] = ["a", "b", "c"],
    _ change: (inout ModelConfiguration) -> Void = { _ in }
  ) throws -> Model {
    try LearningTests.train(
      lexicon, change, tasks: tasks, sharing: ParameterSharing(norms: norms, heads: heads))
  }

  private func names(_ model: Model) -> [String] { model.parameters.layout.specs.map(\.name) }

  private func accuracy(_ model: Model, _ task: String) throws -> Double {
    let shard = try #require(try lexicon.folder().shard(task, .test))
    let probabilities = model.predict(shard, threads: 1).probabilities
    let count = shard.classNames.count
    let correct = (0..<shard.count).count { row in
      let values = probabilities[row * count..<(row + 1) * count]
      return values.max() == values[values.startIndex + Int(shard.labels[row])]
    }
    return Double(correct) / Double(shard.count)
  }

  @Test func `all tasks have one set of norms, and tasks of the same classes one linear layer`()
    throws
  {
    let model = try trained()
    let sites = ["x", "h", "c"].flatMap { ["\($0).gain", "\($0).shift"] }
    #expect(
      names(model)
        == ["encoder.w_x", "encoder.w_h", "classifier.w_x", "classifier.w_h"]
        + sites.map { "encoder.ln.\($0)" } + sites.map { "classifier.ln.\($0)" }
        + ["task_embedding.a", "head.a.shared.weight", "head.a.shared.bias", "task_embedding.b"]
        + ["task_embedding.c", "head.c.weight", "head.c.bias"])
    // Each task keeps its own order of classes.
    #expect(model.classNames(of: "b") == ["class 2", "class 0", "class 1"])
    for task in ["a", "b", "c"] { #expect(try accuracy(model, task) > 0.8, "\(task)") }
  }

  @Test func `each of the two can be shared alone`() throws {
    let norms = names(try trained(heads: false))
    #expect(norms.contains("encoder.ln.x.gain") && norms.contains("head.b.weight"))
    let heads = names(try trained(norms: false))
    #expect(heads.contains("encoder.ln.b.x.gain") && !heads.contains("head.b.weight"))
    let cells = names(try trained { $0.variant = .separateCell })
    #expect(cells.contains("encoder.ln.x.gain") && cells.contains("classifier.b.ln.b.x.gain"))
  }

  @Test func `a step on one task changes what another one shares, and nothing of its own`() throws {
    let model = try trained()
    func used(_ task: String) -> Set<String> {
      Set(model.parameters.layout.tasks[task]?.specs.map(\.name) ?? [])
    }
    #expect(used("a").subtracting(used("b")) == ["task_embedding.a"])
    #expect(
      used("c").symmetricDifference(used("a")) == [
        "task_embedding.a", "task_embedding.c", "head.a.shared.weight", "head.a.shared.bias",
        "head.c.weight", "head.c.bias",
      ])
  }

  @Test func `a file holds what is shared once`() throws {
    let model = try trained { $0.ngrams = NgramOptions() }
    let document = try model.document()
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    let again = try Model(file)
    #expect(try again.document().encoded() == document.encoded())
    #expect(file.names.contains("ngrams.a.shared.weight") && file.names.contains("ngram.c"))
    #expect(!file.names.contains { ["ngrams.a.weight", "ngram.a", "ngram.b"].contains($0) })
    #expect(again.parameterCounts == model.parameterCounts)
    let shard = try #require(try lexicon.folder().shard("b", .test))
    #expect(
      again.predict(shard, threads: 2).probabilities
        == model.predict(shard, threads: 1).probabilities
    )
  }

  @Test func `tasks with one linear layer have one n-gram layer, fitted to the rows of both`()
    throws
  {
    let model = try trained { $0.ngrams = NgramOptions() }
    let data = try ["a", "b"].map { try lexicon.folder().data(for: $0) }
    let fit = try CrossFit(TaskDataset(pooling: data).train, seed: 1, threads: 1)
    let layers = model.parameters.ngramLayers
    #expect(layers["a"]?.weights == fit.classifier.weights)
    #expect(layers["b"]?.ngrams == fit.classifier.ngrams)
    #expect(layers["c"]?.ngrams != fit.classifier.ngrams)
    // Each task has its own order of classes.
    #expect(
      layers["b"]?.weights.prefix(3).map { $0 } == [2, 0, 1].map { fit.classifier.weights[$0] })
  }

  @Test(arguments: [
    ("\"name\":\"a\"}", "\"name\":\"a/b\"}"),
    (
      "\"sharedHead\":{\"classNames\":[\"class 0\",", "\"sharedHead\":{\"classNames\":[\"class 9\","
    ),
  ])
  func `a file with an impossible linear layer is an error`(old: String, new: String) throws {
    var document = try trained().document()
    let configuration = try #require(document.metadata["configuration"])
    document.metadata["configuration"] = configuration.replacing(old, with: new)
    #expect(document.metadata["configuration"] != configuration)
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    let error = #expect(throws: UserError.self) { try Model(file) }
    #expect(error?.exitStatus == .data)
  }

  @Test func `fine-tuning copies what a known task shared, and leaves the other tasks alone`()
    throws
  {
    let model = try trained()
    let (updated, report) = try model.finetune(
      "b", dataset: lexicon.folder(), options: FineTuningOptions(), settings: smallSettings,
      run: TrainingRun(threads: 2))
    for copy in [
      "encoder.ln.b.h.gain <- encoder.ln.h.gain", "classifier.b.w_h <- classifier.w_h",
      "classifier.b.ln.b.c.shift <- classifier.ln.c.shift",
      "head.b.weight <- head.a.shared.weight", "head.b.bias <- head.a.shared.bias",
    ] { #expect(report.copied.contains(copy), "\(copy)") }
    #expect(!report.trained.contains { $0.contains("shared") || $0.hasPrefix("encoder.ln.x") })
    for task in ["a", "c"] {
      let shard = try #require(try lexicon.folder().shard(task, .test))
      #expect(
        updated.predict(shard, threads: 1).probabilities
          == model.predict(shard, threads: 1).probabilities)
    }
    // Also if it is the one that the shared layer is named after.
    let (first, _) = try updated.finetune(
      "a", dataset: lexicon.folder(), options: FineTuningOptions(), settings: smallSettings,
      run: TrainingRun(threads: 2))
    #expect(
      names(first).contains("head.a.weight") && !names(first).contains("head.a.shared.weight"))
    // It starts from what it knew, in its own order of classes.
    var settings = smallSettings
    settings.epochs = 0
    let (copied, _) = try model.finetune(
      "b", dataset: lexicon.folder(), options: FineTuningOptions(), settings: settings,
      run: TrainingRun(threads: 2))
    let shard = try #require(try lexicon.folder().shard("b", .test))
    #expect(
      copied.predict(shard, threads: 1).probabilities
        == model.predict(shard, threads: 1).probabilities)
  }

  @Test func `a new task gets norms of its own from shared ones`() throws {
    let model = try trained(tasks: ["a", "b"])
    let (_, report) = try LearningTests.finetune(model, lexicon)
    #expect(report.copied.contains("encoder.ln.c.x.gain <- encoder.ln.x.gain"))
    #expect(report.initialized.contains("head.c.weight"))
    #expect(report.frozen.contains("encoder.ln.x.gain"))
  }

  @Test func `no two tasks of the same classes are an error`() throws {
    let error = #expect(throws: UserError.self) { try trained(tasks: ["a", "c"]) }
    #expect(error?.exitStatus == .usage && error?.location == "--heads shared")
  }
}
