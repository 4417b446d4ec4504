import Foundation
import Safetensors
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// Counted by hand.
struct CoverageTests {
  @Test func `coverage by type and by token is as counted by hand`() throws {
    let bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\nrare 5 6\n")
    // 8 tokens of 5 types; the vectors have the (3), cat (1), rare (1), so 5 tokens and 3 types;
    // the vocabulary has the (3) and zog (2), which occur twice.
    try bench.examples("a", ["the cat the zog", "the zog rare qux"])
    // 4 tokens of 4 types; the vectors have the and rare; the vocabulary has the and zog.
    try bench.examples("a", .test, ["the zog rare new"])
    let product = try bench.make(["a"]) { $0.minimumCount = 2 }
    #expect(product.vocabulary.strings == ["<unk>", "the", "zog"])
    let train = product.coverage[0]
    #expect((train.rows, train.tokens, train.types) == (2, 8, 5))
    #expect((train.tokensWithVector, train.typesWithVector) == (5, 3))
    #expect((train.tokensInVocabulary, train.typesInVocabulary) == (5, 2))
    #expect(
      train.missing == [
        Coverage.MissingWord(word: "zog", count: 2), Coverage.MissingWord(word: "qux", count: 1),
      ])
    let test = product.coverage[1]
    #expect((test.rows, test.tokens, test.types) == (1, 4, 4))
    #expect((test.tokensWithVector, test.typesWithVector) == (2, 2))
    #expect((test.tokensInVocabulary, test.typesInVocabulary) == (2, 2))
    #expect(test.missing.map(\.word) == ["new", "zog"])
  }

  @Test func `the coverage of a split is read from the output of vocab`() throws {
    let bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\n")
    try bench.examples("a", ["the cat the dog"])
    try bench.examples("a", .test, [""])
    let product = try bench.make(["a"])
    let dataset = try TokenizedDataset(path: bench("vocab"))
    #expect(try dataset.coverage("a", .train) == product.coverage[0])
    #expect(try dataset.coverage("a", .train)?.tokenFraction == 0.75)
    #expect(try dataset.coverage("a", .train)?.typeFraction == 2 / 3)
    #expect(try dataset.coverage("a", .test)?.tokenFraction == nil)
    #expect(try dataset.coverage("b", .train) == nil)
    try bench.write("{}", to: "vocab/coverage.json")
    #expect(refusal { _ = try dataset.coverage("a", .train) }?.exitStatus == .data)
    bench.remove("vocab/coverage.json")
    #expect(refusal { _ = try dataset.coverage("a", .train) }?.exitStatus == .noInput)
  }

  @Test func `of the missing words the ten most frequent are named`() throws {
    let bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\n")
    let words = (0..<15).map { index in
      Array(repeating: "w\(index)", count: 20 - index).joined(separator: " ")
    }
    try bench.examples("a", words)
    let missing = try bench.make(["a"]).coverage[0].missing
    #expect(missing.map(\.word) == (0..<10).map { "w\($0)" })
    #expect(missing.map(\.count) == (0..<10).map { Int64(20 - $0) })
  }
}
