import Datasets
import Shards
import Foundation
import Support
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

struct ShardedCorpusTests {
  private let bench: TemporaryDirectory
  private let reviews = (0..<90).map { row in
    "{\"stars\": \(1 + row % 5), \"text\": \"the cat \(row) &amp; \(row % 7) suns\"}\n"
  }

  init() throws {
    bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\n7 5 6\n<unk> 9 9\n")
    try bench.write(reviews.joined(), to: "review.json")
  }

  /// Draws the reviews into shards of so many bytes, and makes a vocabulary of them.
  private func make(_ name: String, size: Int, memory: Int) throws {
    let output = try AtomicDirectory(at: bench("\(name)/yelp"))
    let files = ShardFileWriter(in: output)
    let series = ShardWriter(
      shardSize: size, memoryLimit: memory, scratchFolder: output.stagingPath
    ) {
      try files.write($0.document(), of: $0.split, $1)
    }
    var options = IngestOptions()
    (options.dataset, options.train) = (.yelp, 60)
    (options.validation, options.test) = (10, 15)
    _ = try options.read(Archive(path: bench("review.json")), into: series)
    try files.finish()
    try output.commit()
    try bench.make(["\(name)/yelp"], into: "\(name)/vocab")
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: bench(folder)).sorted()
  }

  @Test func `a corpus in parts is the same corpus, vocabulary and tokens`() throws {
    try make("whole", size: .max, memory: .max)
    try make("parts", size: 100, memory: 500)
    let all: [Split] = [.test, .train, .validation]
    #expect(try files("whole/yelp") == all.map { ShardFiles.name($0) })
    #expect(try files("parts/yelp").count > 12)
    #expect(try files("parts/yelp") == files("parts/vocab/yelp"))
    for name in ["vocabulary.safetensors", "vocabulary.tsv", "embedding.safetensors"] {
      let (one, many) = (bench("whole/vocab/\(name)"), bench("parts/vocab/\(name)"))
      #expect(FileManager.default.contentsEqual(atPath: one, andPath: many))
    }
    for split in all {
      let (one, many) = (
        try ShardFiles.paths(of: split, in: bench("whole/vocab/yelp")),
        try ShardFiles.paths(of: split, in: bench("parts/vocab/yelp"))
      )
      #expect(one.count == 1 && many.count > 1)
      #expect(
        try TokenShard(paths: one, vocabularySize: .max)
          == TokenShard(paths: many, vocabularySize: .max))
    }
  }

  @Test func `a part that is missing is named`() throws {
    try make("parts", size: 100, memory: .max)
    let path = try ShardFiles.paths(of: .train, in: bench("parts/yelp"))[2]
    try FileManager.default.removeItem(atPath: path)
    let refusal = #expect(throws: UserError.self) { try bench.make(["parts/yelp"]) }
    #expect(refusal?.problem.hasPrefix("no train-00003-of-") == true)
  }
}
