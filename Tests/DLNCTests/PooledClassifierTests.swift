import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// A bag of words that is fitted to the rows of several tasks.
struct PooledClassifierTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try .withReorderedClasses() }

  private func train(_ tasks: [String] = ["a", "b", "c"], pools: Bool = true) throws -> LinearModel
  {
    try LinearModel.train(
      .bagOfWords, tasks: tasks, lexicon: lexicon.folder(), pools: pools, penalty: nil, seed: 1,
      threads: 1
    ) { _, _ in }
  }

  private func test(_ task: String) throws -> TokenShard {
    try #require(try lexicon.folder().shard(task, .test))
  }

  @Test func `tasks with the same classes share one model of all their rows`() throws {
    let model = try train()
    #expect(model.tasks.map(\.pool) == ["a", "a", nil])
    let (a, b) = (model.classifiers[0], model.classifiers[1])
    #expect(a.ngrams == b.ngrams)
    let rows = try ["a", "b"].map { try #require(try lexicon.folder().shard($0, .train)) }
    let words = Set(rows.flatMap(\.elements)).subtracting([0])
    #expect(words.allSatisfy { a.ngrams.keys.contains(UInt64($0)) })
    // The weights of one class are the same, whatever its index in the task.
    let columns = (0..<a.ngrams.count + 1).map { row in
      (a.weights[3 * row], b.weights[3 * row + 1])
    }
    #expect(columns.allSatisfy { $0 == $1 })
    // As if the rows were those of one task.
    let whole = try LinearClassifier(
      TfidfDataset(
        TaskDataset(
          train: Self.concatenated(rows[0], try rows[1].mapped(to: rows[0].classNames)),
          validation: nil)),
      penalty: try #require(model.tasks[0].trials[model.tasks[0].kept].penalty), threads: 1)
    #expect(whole.weights == a.weights)
  }

  private static func concatenated(_ first: TokenShard, _ second: TokenShard) -> TokenShard {
    TokenShard(
      first.header, elements: first.elements + second.elements,
      offsets: (first.lengths + second.lengths).reduce(into: [0]) {
        $0.append($0[$0.count - 1] + Int64($1))
      }, labels: first.labels + second.labels, textIDs: first.textIDs + second.textIDs)
  }

  @Test func `a task without another to pool with is fitted alone`() throws {
    let (pooled, alone) = (try train(), try train(pools: false))
    #expect(pooled.classifiers[2].weights == alone.classifiers[2].weights)
    #expect(pooled.tasks[2] == alone.tasks[2])
    #expect(alone.tasks.allSatisfy { $0.pool == nil })
    #expect(pooled.classifiers[0].weights != alone.classifiers[0].weights)
  }

  @Test func `the penalty is chosen on all validation rows, and metrics are those of the task`()
    throws
  {
    let model = try train()
    #expect(model.tasks[0].kept == model.tasks[1].kept)
    #expect(model.tasks[0].trials.map(\.penalty) == NgramWeights.tfidf.penalties)
    for task in ["a", "b"] {
      let shard = try #require(try lexicon.folder().shard(task, .validation))
      let loss = try model.classifyUncalibrated(shard, threads: 1).loss
      #expect(model.validationScore(of: task)?.loss == loss)
    }
  }

  @Test func `the file holds the weights of a pool once`() throws {
    let model = try train()
    let document = try model.document()
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    #expect(file.names.contains("head.a.weight") && file.names.contains("head.c.weight"))
    #expect(!file.names.contains("head.b.weight"))
    let again = try LinearModel(file)
    #expect(try again.document().encoded() == document.encoded())
    for task in ["a", "b", "c"] {
      #expect(
        try again.classify(test(task), threads: 1).probabilities
          == model.classify(test(task), threads: 2).probabilities)
    }
    #expect(again.parameterCount == model.parameterCount)
    #expect(model.parameterCount == [0, 2].reduce(0) { $0 + model.classifiers[$1].weights.count })
  }

  @Test(arguments: ["c", "b", "missing"])
  func `a pool that cannot be is an error`(pool: String) throws {
    var document = try train().document()
    let configuration = try #require(document.metadata["configuration"])
    document.metadata["configuration"] = configuration.replacing(
      "\"pool\":\"a\"", with: "\"pool\":\"\(pool)\"")
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    let error = #expect(throws: UserError.self) { try LinearModel(file) }
    #expect(error?.exitStatus == .data)
  }

  @Test func `no two tasks of the same classes are an error`() throws {
    let error = #expect(throws: UserError.self) { try train(["a", "c"]) }
    #expect(error?.exitStatus == .usage && error?.location == "--pool-tasks")
  }
}
