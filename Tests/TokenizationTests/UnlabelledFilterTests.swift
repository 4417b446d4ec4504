import Foundation
import Shards
import Support
import TestSupport
import Testing

@testable import Tokenization
@testable import VocabularyBuilding

/// Unlabelled texts in the stage `vocab`.
struct UnlabelledFilterTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\nzebra 5 6\n")
    try bench.examples("a", .train, ["the cat", "a dog"])
    try bench.examples("a", .test, ["the end"])
    try bench.examples("b", .train, ["one", "two"])
    try bench.examples("b", .validation, ["a bee"])
  }

  private func unlabelled(_ task: String, _ texts: [String]) throws {
    var builder = ShardBuilder<UInt8>(ShardHeader(task: task, split: .unlabelled, classNames: []))
    for (row, text) in texts.enumerated() {
      builder.append(text.utf8, label: -1, textID: row, id: "\(row)")
    }
    try bench.write(builder.shard.document().encoded(), to: "\(task)/unlabelled.safetensors")
  }

  /// The texts of a task that are left, in the words of the vocabulary.
  private func kept(_ task: String, in folder: String = "vocab") throws -> [String] {
    let dataset = try TokenizedDataset(path: bench(folder))
    let shard = try #require(try dataset.shard(task, .unlabelled))
    #expect(shard.labels.allSatisfy { $0 == -1 } && shard.classNames.isEmpty)
    return (0..<shard.count).map { row in
      shard.row(row).map { dataset.vocabulary.word(Int($0)) ?? "" }.joined(separator: " ")
    }
  }

  @Test func `held-out texts of any task and repeated texts are left out`() throws {
    try unlabelled("a", ["The end!", "a dog a cat", "A BEE", "the cat.", "a dog; a cat", "one"])
    try unlabelled("b", ["the END", "one", "a dog a cat"])
    let corpus = try bench.make(["a", "b"])
    #expect(try kept("a") == ["a dog a cat", "one"])
    #expect(try kept("b") == ["a dog a cat"])
    #expect(corpus.unlabelled.map(\.task) == ["a", "b"])
    #expect(corpus.unlabelled.map(\.kept) == [2, 1])
    #expect(corpus.unlabelled.map(\.heldOut) == [2, 1])
    #expect(corpus.unlabelled.map(\.repeated) == [2, 1])
    #expect(!corpus.warnings.contains { $0.contains("unlabelled") })
  }

  @Test func `the order of the folders does not matter, nor where the texts are`() throws {
    try unlabelled("a", ["the end", "a dog a cat", "a bee"])
    try bench.make(["a", "b"])
    let expected = try kept("a")
    try bench.make(["b", "a"], into: "turned")
    #expect(try kept("a", in: "turned") == expected)
    // In a folder of their own.
    try FileManager.default.createDirectory(
      atPath: bench("texts"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: bench("a/unlabelled.safetensors"), toPath: bench("texts/unlabelled.safetensors"))
    try bench.make(["texts", "b", "a"], into: "apart")
    #expect(try kept("a", in: "apart") == expected)
  }

  @Test func `held-out texts are kept on demand, with a warning`() throws {
    try unlabelled("b", ["the end", "a bee", "one", "two words"])
    let corpus = try bench.make(["a", "b"]) { $0.keepsHeldOutTexts = true }
    #expect(corpus.unlabelled.map(\.kept) == [3] && corpus.unlabelled.map(\.heldOut) == [2])
    #expect(
      corpus.warnings.suffix(1) == [
        "b: kept 2 unlabelled texts, although also among the validation or test texts of a task; results "
          + "of a model that is pretrained on them may be too high"
      ])
  }

  @Test func `unlabelled texts add no word to the vocabulary unless asked to`() throws {
    try bench.make(["a", "b"], into: "without") { $0.extraWords = 1 }
    try unlabelled("a", ["zebra zebra stripes"])
    try bench.make(["a", "b"], into: "with") { $0.extraWords = 1 }
    for name in [Vocabulary.fileName, Embedding.fileName, "vocabulary.tsv"] {
      #expect(
        FileManager.default.contentsEqual(
          atPath: bench("with/\(name)"), andPath: bench("without/\(name)")), "\(name)")
    }
    let counted = try bench.make(["a", "b"], into: "counted") { $0.countsUnlabelledWords = true }
    #expect(counted.vocabulary.strings.contains("stripes"))
    #expect(try kept("a", in: "counted") == ["zebra zebra stripes"])
  }

  @Test func `a task of unlabelled texts alone is a domain without labels`() throws {
    try unlabelled("c", ["some words", "more words"])
    try bench.make(["a", "c"])
    let dataset = try TokenizedDataset(path: bench("vocab"))
    #expect(dataset.tasks == ["a"] && dataset.domains == ["a", "c"])
    let error = #expect(throws: UserError.self) { try bench.make(["c"], into: "alone") }
    #expect(error?.problem == "no training split")
    try bench.make(["c"], into: "alone") { $0.countsUnlabelledWords = true }
    #expect(try kept("c", in: "alone") == ["some words", "more words"])
  }

  @Test func `texts of which none is left are an error`() throws {
    try unlabelled("a", ["The end", "A dog"])
    let error = #expect(throws: UserError.self) { try bench.make(["a", "b"]) }
    #expect(
      error?.problem
        == "no unlabelled text of “a” is left: 1 are validation or test texts, 1 repeat others")
  }

  @Test func `an unlabelled shard with classes or labels is damaged`() throws {
    var builder = ShardBuilder<UInt8>(
      ShardHeader(task: "a", split: .unlabelled, classNames: ["x"]))
    builder.append("t".utf8, label: -1, textID: 0)
    try bench.write(builder.shard.document().encoded(), to: "a/unlabelled.safetensors")
    #expect(throws: UserError.self) { try bench.make(["a"]) }
    builder = ShardBuilder(ShardHeader(task: "a", split: .unlabelled, classNames: []))
    builder.append("t".utf8, label: 0, textID: 0)
    try bench.write(builder.shard.document().encoded(), to: "a/unlabelled.safetensors")
    let error = #expect(throws: UserError.self) { try bench.make(["a"]) }
    #expect(error?.expected == "-1, for no class")
  }
}
