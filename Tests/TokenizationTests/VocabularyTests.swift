import Foundation
import Shards
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

struct VocabularyTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\nsun 5 6\nmoon 7 8\n<unk> 9 9\n")
  }

  @Test func `the unknown word comes first, then the most frequent, then by bytes`() throws {
    try bench.examples("a", ["the cat the dog", "the Zoo cat é"])
    let vocabulary = try bench.make(["a"]).vocabulary
    #expect(vocabulary.strings == ["<unk>", "the", "cat", "dog", "zoo", "é"])
    #expect(vocabulary.counts == [0, 3, 2, 1, 1, 1])
  }

  @Test func `words come from training splits only`() throws {
    try bench.examples("a", ["the cat"])
    try bench.examples("a", .validation, ["sun sun sun"])
    try bench.examples("a", .test, ["moon moon"])
    let product = try bench.make(["a"])
    #expect(product.vocabulary.strings == ["<unk>", "cat", "the"])
    #expect(try product.shards().map(\.split) == [.train, .validation, .test])
    #expect(try product.shards()[1].elements == [0, 0, 0])
  }

  @Test func `rare words and those beyond the limit are counted as unknown`() throws {
    try bench.examples("a", ["b b b c c d d e"])
    let rare = try bench.make(["a"]) { $0.minimumCount = 2 }.vocabulary
    #expect(rare.strings == ["<unk>", "b", "c", "d"])
    #expect(rare.counts == [1, 3, 2, 2])
    let few = try bench.make(["a"]) { $0.maximumWords = 2 }.vocabulary
    #expect(few.strings == ["<unk>", "b", "c"])
    #expect(few.counts == [3, 3, 2])
  }

  @Test func `further words of the vectors follow with a count of zero`() throws {
    try bench.examples("a", ["the dog dog"])
    try bench.examples("a", .test, ["moon"])
    let two = try bench.make(["a"]) { $0.extraWords = 2 }
    #expect(two.vocabulary.strings == ["<unk>", "dog", "the", "cat", "sun"])
    #expect(two.vocabulary.counts == [0, 2, 1, 0, 0])
    #expect(Array(two.embedding[4]) == [5, 6])
    let all = try bench.make(["a"]) { $0.extraWords = .max }
    #expect(all.vocabulary.strings == ["<unk>", "dog", "the", "cat", "moon", "sun"])
    // A word that only the test text has uses its vector, though no test text was looked at.
    #expect(try all.shards()[1].elements == [4])
  }

  @Test func `known words have their vector and the others a row of their own`() throws {
    try bench.examples("a", ["the cat dog"])
    let product = try bench.make(["a"])
    #expect(product.vocabulary.strings == ["<unk>", "cat", "dog", "the"])
    #expect(product.embedding.isPretrained == [true, true, false, true])
    #expect(Array(product.embedding[0]) == [9, 9])
    #expect(Array(product.embedding[1]) == [3, 4])
    #expect(product.embedding[2].allSatisfy { $0 != 0 && $0.isFinite })
    #expect(product.counts.drawn == 1)
  }

  @Test func `a drawn row depends on seed and word and not on the other words`() throws {
    try bench.examples("a", ["the cat dog"])
    try bench.examples("b", ["the cat dog zebra zebra ant"])
    let first = try bench.make(["a"])
    let second = try bench.make(["b"])
    let other = try bench.make(["a"]) { $0.seed = 2 }
    let dog = { (product: TokenizedCorpus) in
      Array(product.embedding[Int(product.vocabulary.id(of: "dog".utf8))])
    }
    #expect(dog(first) == dog(second))
    #expect(dog(first) != dog(other))
    #expect(Array(second.embedding[Int(second.vocabulary.id(of: "ant".utf8))]) != dog(second))
  }

  @Test func `drawn rows lie as the known ones do`() {
    var embedding = Embedding(dimension: 2)
    for value in [-1, 1] as [Float] {
      embedding.append([10 + value, -5 + 3 * value], isPretrained: true)
    }
    let drawn = RandomEmbedding(like: embedding, seed: 1)
    let rows = (0..<4000).map { drawn.row(of: Array("word\($0)".utf8)[...]) }
    for (axis, mean, spread) in [(0, 10.0, 1.0), (1, -5.0, 3.0)] {
      let values = rows.map { Double($0[axis]) }
      let average = values.reduce(0, +) / 4000
      let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 4000
      #expect(abs(average - mean) < 0.1 * spread)
      #expect(abs(variance.squareRoot() - spread) < 0.1 * spread)
    }
  }

  @Test func `without any known row the drawn ones are small and not zero`() throws {
    try bench.examples("a", ["nobody knows these"])
    let embedding = try bench.make(["a"], vectors: "vectors.txt") { $0.minimumCount = 1 }.embedding
    #expect(embedding.isPretrained == [true, false, false, false])
    var zero = Embedding(dimension: 2)
    for _ in 0..<3 { zero.append([0, 0], isPretrained: true) }
    #expect(RandomEmbedding(like: zero, seed: 1).row(of: [97]).allSatisfy { $0 != 0 })
    #expect(
      RandomEmbedding(like: Embedding(dimension: 2), seed: 1).row(of: [97]).contains { $0 != 0 })
  }

  @Test func `shards number the words and an empty row is an unknown word`() throws {
    try bench.examples("a", ["the cat", "", " \u{A0} ", "cat cat"])
    let product = try bench.make(["a"])
    let shard = try TokenShard(path: bench("vocab/a/train.safetensors"), vocabularySize: 3)
    #expect(try shard == product.shards()[0])
    #expect(shard.elements == [2, 1, 0, 0, 1, 1])
    #expect(shard.offsets == [0, 2, 3, 4, 6])
    #expect(shard.classNames == ["no", "yes"])
    #expect(shard.labels == [0, 1, 0, 1])
    #expect(shard.textIDs == [0, 1, 2, 3])
    #expect(product.coverage[0].emptyRows == 2)
  }

  @Test func `the same request is the same bytes`() throws {
    try bench.examples("a", (0..<200).map { "word\($0 % 37) cat\($0 % 11) sun the <unk>" })
    for name in ["one", "two"] { try bench.make(["a"], into: name) }
    for file in [
      "vocabulary.safetensors", "vocabulary.tsv", "embedding.safetensors", "a/train.safetensors",
    ] {
      let first = FileManager.default.contents(atPath: bench("one/\(file)"))
      #expect(first != nil)
      #expect(first == FileManager.default.contents(atPath: bench("two/\(file)")))
    }
  }

  @Test func `the listing for the eye shows every word on one line`() throws {
    try bench.examples("a", ["the \u{202E}cat \u{E000}"])
    try bench.make(["a"])
    #expect(
      bench.read("vocab/vocabulary.tsv") == """
        id\ttoken\tcount\tvector
        0\t<unk>\t0\tyes
        1\tcat\t1\tyes
        2\tthe\t1\tyes
        3\t\\u{e000}\t1\tno

        """)
  }

  @Test func `a vocabulary gives text the numbers that it gave the training text`() throws {
    try bench.examples("a", ["The cat can't, the moon"])
    let product = try bench.make(["a"])
    let read = try Vocabulary(path: bench("vocab/vocabulary.safetensors"))
    #expect(read == product.vocabulary)
    #expect(try read.row(of: "The cat can't, the moon").ids == product.shards()[0].elements)
    #expect(read.row(of: "unheard of").ids == [0, 0])
    #expect(
      String(decoding: read.row(of: "unheard of").unknownWords, as: UTF8.self) == "unheard of")
    #expect(read.row(of: "").ids == [0])
  }
}
