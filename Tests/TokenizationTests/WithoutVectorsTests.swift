import Foundation
import TestSupport
import Testing

@testable import Tokenization
@testable import VocabularyBuilding

/// Vocabularies without pretrained vectors, and vectors in the text formats of other programs.
struct WithoutVectorsTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try TemporaryDirectory()
    try bench.examples("a", ["the soup was warm", "the soup was cold"])
  }

  @Test func `without vectors every row is drawn, by the seed and the word alone`() throws {
    let corpus = try bench.make(["a"], vectors: nil)
    #expect(corpus.vectors == nil && corpus.warnings == [])
    #expect(corpus.counts.drawn == corpus.vocabulary.count && corpus.vocabulary.count == 6)
    #expect(corpus.embedding.isPretrained.allSatisfy { !$0 })
    #expect(Set(corpus.embedding.values).count == corpus.embedding.values.count)
    try bench.examples("b", ["warm bread", "cold tea", "cold"])
    let other = try bench.make(["b"], vectors: nil)
    let (first, second) = (
      corpus.vocabulary.id(of: "cold".utf8), other.vocabulary.id(of: "cold".utf8)
    )
    #expect(first != second && corpus.embedding[Int(first)] == other.embedding[Int(second)])
    let reseeded = try bench.make(["a"], vectors: nil) { $0.seed = 2 }
    #expect(reseeded.embedding.values != corpus.embedding.values)
  }

  @Test func `a base with vectors that is extended without them gives a warning`() throws {
    try bench.vectors("the 1 2\nsoup 2 3\nwas 3 4\nwarm 4 5\n")
    try bench.make(["a"], into: "base")
    try bench.examples("b", ["bread was warm", "bread was cold"])
    let corpus = try bench.make(["b"], vectors: nil) { $0.base = bench("base") }
    #expect(
      corpus.warnings == [
        "1 new word has a random vector, although the base has pretrained ones; give --vectors the "
          + "file that the base was made with"
      ])
    let random = try bench.make(["a"], vectors: nil, into: "random-base")
    #expect(random.warnings == [])
    let extended = try bench.make(["b"], vectors: nil) { $0.base = bench("random-base") }
    #expect(extended.warnings == [] && extended.counts.drawn == 1)
  }

  /// word2vec and fastText begin with a line of two numbers, and fastText and word2vec end each line
  /// with a space.
  @Test(arguments: [
    "the 1 2\nsoup -0.25 3e-1\nwas 3 4\n", "3 2\nthe 1 2\nsoup -0.25 3e-1\nwas 3 4\n",
    "3 2\nthe 1 2 \nsoup -0.25 3e-1 \nwas 3 4 \n",
  ])
  func `GloVe, word2vec and fastText are read alike`(text: String) throws {
    try bench.vectors(text, "vectors.vec")
    let corpus = try bench.make(["a"], vectors: "vectors.vec")
    let soup = Int(corpus.vocabulary.id(of: "soup".utf8))
    #expect(Array(corpus.embedding[soup]) == [-0.25, 0.3] && corpus.embedding.isPretrained[soup])
    #expect(corpus.vectors?.statistics.lines == 3 && corpus.vectors?.statistics.taken == 3)
  }
}
