import Foundation
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// A task met later adds words and moves none.
struct BaseVocabularyTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\nfilm 5 6\nplot 7 8\n")
    try bench.examples("first", ["the cat the odd dog"])
    try bench.make(["first"], into: "old")
    try bench.examples("second", ["the film the plot film strange cat", "plot film odd"])
  }

  private func extend(_ change: (inout VocabularyOptions) -> Void = { _ in }) throws
    -> TokenizedCorpus
  {
    try bench.make(["second"], into: "new") {
      $0.base = bench("old")
      change(&$0)
    }
  }

  @Test func `old words keep their numbers and new ones follow in order`() throws {
    let product = try extend()
    #expect(
      product.vocabulary.strings == [
        "<unk>", "the", "cat", "dog", "odd", "film", "plot", "strange",
      ])
    #expect(product.vocabulary.counts == [0, 4, 2, 1, 2, 3, 2, 1])
    #expect(product.counts.fromBase == 5)
    #expect(product.counts.fromTraining == 3)
  }

  @Test func `old rows are the same bytes and new ones come from the vectors`() throws {
    let old = try Embedding(path: bench("old/embedding.safetensors"), count: 5)
    let new = try extend().embedding
    #expect(Array(new.values.prefix(10)).map(\.bitPattern) == old.values.map(\.bitPattern))
    #expect(Array(new[5]) == [5, 6])
    #expect(Array(new[6]) == [7, 8])
    #expect(new.isPretrained == [false, true, true, false, false, true, true, false])
  }

  @Test func `old rows stay even if the vectors say otherwise now`() throws {
    let old = try Embedding(path: bench("old/embedding.safetensors"), count: 5)
    try bench.vectors("the 9 9\ncat 8 8\nodd 7 7\nfilm 5 6\n")
    let new = try extend().embedding
    #expect(Array(new.values.prefix(10)) == old.values)
    #expect(!new.isPretrained[4])
  }

  @Test func `only the new task's shards are written`() throws {
    let product = try extend()
    #expect(try product.shards().map(\.task) == ["second"])
    #expect(try product.shards()[0].elements == [1, 5, 1, 6, 5, 7, 2, 6, 5, 4])
    #expect(bench.names(in: "new").contains("second"))
    #expect(!bench.names(in: "new").contains("first"))
  }

  @Test func `what the base knew counts as covered`() throws {
    let coverage = try extend().coverage[0]
    #expect(coverage.tokens == 10)
    #expect(coverage.tokensWithVector == 8)
    #expect(coverage.missing.map(\.word) == ["odd", "strange"])
  }

  @Test func `further words are never the base's`() throws {
    let product = try extend {
      $0.minimumCount = 9
      $0.extraWords = .max
    }
    #expect(product.vocabulary.strings.suffix(2) == ["film", "plot"])
    #expect(product.vocabulary.counts[0] == 6)
  }

  @Test func `an extension can be extended`() throws {
    _ = try extend()
    try bench.examples("third", ["film noir the"])
    let third = try bench.make(["third"], into: "newer") { $0.base = bench("new") }
    #expect(third.vocabulary.strings.last == "noir")
    #expect(third.vocabulary.count == 9)
  }

  @Test func `the tokenizer is the base's and cannot be another`() throws {
    try bench.make(["first"], into: "old") { $0.rules = .twitter }
    #expect(try extend().vocabulary.tokenizer.rules == .twitter)
    let refused = refusal { _ = try extend { $0.rules = .ptb } }
    #expect(refused?.exitStatus == .usage)
    #expect(refused?.problem == "a vocabulary of the tokenizer twitter")
  }

  @Test func `another dimension and a folder without vocabulary are refused`() throws {
    try bench.vectors("film 1 2 3\n", "three.txt")
    let dimension = refusal {
      _ = try bench.make(["second"], vectors: "three.txt", into: "new") {
        $0.base = bench("old")
        $0.dimension = 3
      }
    }
    #expect(dimension?.problem == "vectors of 2 dimensions")
    let folder = refusal { _ = try bench.make(["second"]) { $0.base = bench("first") } }
    #expect(folder?.exitStatus == .noInput)
    #expect(!bench.has("new"))
  }
}
