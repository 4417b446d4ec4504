import Datasets
import Shards
import Foundation
import Safetensors
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

private let vectors = "glove.reviews.100d.zip"

/// The vectors and texts that are not part of the project.
struct RealGloVeTests {
  @Test(.enabled(if: RealData.has(vectors), "the real vectors are not in ../shared/data"))
  func `the 50-dimensional member is passed over`() throws {
    let file = try GloVeFile(path: RealData.path(vectors), dimension: 100)
    #expect(file.entryPath == "glove.reviews.100d.txt")
    let tokenizer = try file.tokenizer(
      rules: nil, punctuation: nil, splitsHashtags: true, keepsUserNames: false)
    #expect(tokenizer == Tokenizer(.ptb, punctuation: .apart))
    let news = try GloVeFile(path: RealData.path(vectors), dimension: 50)
    #expect(news.entryPath == "glove.6B.50d.subset.txt")
    let other = try news.tokenizer(
      rules: nil, punctuation: nil, splitsHashtags: true, keepsUserNames: false)
    #expect(other == Tokenizer(.ptb, punctuation: .stanford))
  }

  @Test(
    .enabled(
      if: RealData.has(vectors) && RealData.has("Yelp-JSON.zip")
        && RealData.has("SemEval2018-Task1-all-data.zip"),
      "the real archives are not in ../shared/data"))
  func `the vectors have nearly every token of reviews and tweets`() throws {
    let bench = try TemporaryDirectory()
    for (name, task) in [("Yelp-JSON.zip", "yelp"), ("SemEval2018-Task1-all-data.zip", "ei-reg")] {
      for shard in try IngestOptions(seed: 1).read(path: RealData.path(name)).shards {
        try bench.write(
          shard.document().encoded(), to: "\(task)/\(shard.split.rawValue).safetensors")
      }
    }
    var request = VocabularyOptions(
      examples: [bench("yelp"), bench("ei-reg")], vectors: RealData.path(vectors))
    request.minimumCount = 2
    var builder = try VocabularyBuilder(request)
    let product = try builder.build { _ in }
    #expect(product.vectors?.statistics.lines == 53_614)
    #expect(product.vectors?.statistics.duplicates == 0)
    #expect(product.embedding.isPretrained[0])
    for line in product.coverage {
      let share = Double(line.tokensWithVector) / Double(line.tokens)
      #expect(share > (line.task == "yelp" ? 0.985 : 0.955), "\(line)")
    }
  }
}
