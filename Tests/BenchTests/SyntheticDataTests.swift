import Datasets
import Shards
import Foundation
import Tokenization
import Training
import VocabularyBuilding
import DLNC
import Safetensors
import Testing
import TestSupport

@testable import bench

/// The synthetic data of the benchmark.
struct SyntheticDataTests {
  @Test func `all synthetic reviews are read from the nested archive`() throws {
    let folder = try TemporaryDirectory()
    var data = SyntheticData(words: 500)
    try data.writeReviews(
      60, json: folder("review.json"), plain: folder("texts.txt"), plainBytes: 1000)
    try NestedArchive.tar(
      folder("review.json"), as: BenchmarkWorkspace.jsonEntry, to: folder("yelp.tar.gz"))
    try NestedArchive.zip(
      folder("yelp.tar.gz"), as: BenchmarkWorkspace.tarEntry, to: folder("yelp.zip"))
    var options = IngestOptions(seed: 1)
    (options.train, options.validation, options.test) = (40, 10, 10)
    let ingestion = try options.read(path: folder("yelp.zip"))
    #expect(ingestion.shards.map(\.count) == [40, 10, 10])
    #expect(ingestion.report.warnings.isEmpty)

    let (words, types) = try TokenizationBenchmark.count(linesOf: folder("texts.txt"))
    #expect(words > 100 && types > 50 && types < 600)
  }

  @Test func `every wanted word has its synthetic vector`() throws {
    let folder = try TemporaryDirectory()
    var data = SyntheticData(words: 50)
    try data.writeVectors(folder("vectors.txt"), wanted: folder("wanted.txt"))
    let wanted = try #require(folder.read("wanted.txt")).split(separator: "\n")
    #expect(wanted.count == 10)
    let words = wanted.map { Array($0.utf8) } + [Array("no such word".utf8)]
    let found = try TokenizationBenchmark.vectors(
      of: words, in: folder("vectors.txt"), dimension: SyntheticData.dimension)
    #expect(found == 10)
  }

  @Test(arguments: NetworkBenchmark.Work.allCases)
  func `batches survive a round trip through the file of the peers`(work: NetworkBenchmark.Work)
    throws
  {
    let folder = try TemporaryDirectory()
    let generated = Workload(work, rows: 5, batches: 2)
    let path = Workload.path(in: folder.path, work, rows: 5)
    try generated.document.encoded().write(to: URL(fileURLWithPath: path))
    let read = try Workload(folder: folder.path, work: work, rows: 5)
    #expect(read.shards == generated.shards && read.classCount == generated.classCount)
  }
}
