import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

struct TextShardTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private var builder: ShardBuilder<UInt8> {
    var builder = ShardBuilder<UInt8>(
      ShardHeader(task: "imdb", split: .train, classNames: ["negative", "positive"]))
    builder.append("café 😊".utf8, label: 1, textID: 0)
    builder.append([], label: 0, textID: 1)
    builder.append("café 😊".utf8, label: 0, textID: 0)
    return builder
  }

  @Test func `a shard comes back from its file as it was`() throws {
    let shard = builder.shard
    let path = try bench.file("s", try shard.document().encoded())
    let back = try TextShard(path: path)
    #expect(back == shard)
    #expect(back.texts == ["café 😊", "", "café 😊"])
    #expect(back.classCounts == [2, 1])
    #expect(try back.document().encoded() == shard.document().encoded())
  }

  @Test func `bytes that are no text are refused with their row`() throws {
    var bad = builder
    bad.append([0xC3], label: 0, textID: 2)
    let path = try bench.file("s", try bad.shard.document().encoded())
    let error = try userError { _ = try TextShard(path: path) }
    #expect(error.exitStatus == .data)
    #expect(error.location == "\(path): tensor “text”, row 3")
  }

  @Test func `a shard of tokens is refused`() throws {
    let header = ShardHeader(task: "t", split: .train, classNames: ["a"])
    let tokens = ShardBuilder<Int32>(header).shard
    let path = try bench.file("s", try tokens.document().encoded())
    #expect(
      try userError { _ = try TextShard(path: path) }.expected
        == "format “examples” version “1” or “2”")
  }
}

struct IngestOptionsTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  @Test(arguments: [
    ("Yelp-JSON.zip", Dataset.yelp), ("SemEval2018-Task1-all-data.zip", .eiReg),
    ("aclImdb_v1.tar.gz", .imdb),
  ])
  func `the data set is recognised by content`(archive: String, dataset: Dataset) throws {
    #expect(try Dataset(of: Archive(path: fixture(archive))) == dataset)
  }

  @Test func `an unknown archive is refused with what is known`() throws {
    let path = try bench.archive("a.zip", .zip, [("cats.csv", "a,b")])
    let error = try userError { _ = try IngestOptions().read(path: path) }
    #expect(error.exitStatus == .data)
    #expect(error.problem == "none of the files of a known data set, but cats.csv")
  }

  @Test func `an option of another data set is refused`() throws {
    var options = IngestOptions()
    options.split = .official
    let yelp = try userError { _ = try options.read(path: fixture("Yelp-JSON.zip")) }
    #expect(yelp.exitStatus == .usage)
    #expect(yelp.location == "--split")
    options = IngestOptions()
    options.train = 5
    #expect(
      try userError { _ = try options.read(path: fixture("SemEval2018-Task1-all-data.zip")) }
        .location
        == "--train")
    options.train = -1
    #expect(try userError { _ = try options.read(path: fixture("Yelp-JSON.zip")) }.problem == "-1")
  }

  @Test func `the same options give the same bytes`() throws {
    let read = { try IngestOptions().read(path: fixture("SemEval2018-Task1-all-data.zip")) }
    let (one, two) = (try read(), try read())
    #expect(one.report == two.report)
    #expect(
      try one.shards.map { try $0.document().encoded() }
        == two.shards.map { try $0.document().encoded() })
  }

  @Test func `equal texts share a group across the splits, others do not`() throws {
    var options = IngestOptions()
    options.split = .official
    let shards = try options.read(path: fixture("SemEval2018-Task1-all-data.zip")).shards
    var groups: [String: Int32] = [:]
    for shard in shards {
      for (text, group) in zip(shard.texts, shard.textIDs) {
        #expect(groups.updateValue(group, forKey: text) ?? group == group)
      }
    }
    #expect(Set(groups.values).count == groups.count)
    #expect(groups.count < shards.reduce(0) { $0 + $1.count })
  }

  @Test func `every row that was read is kept or dropped for a reason`() throws {
    for name in ["SemEval2018-Task1-all-data.zip", "aclImdb_v1.tar.gz"] {
      var options = IngestOptions()
      if name.hasPrefix("acl") { (options.train, options.validation) = (200, 60) }
      let report = try options.read(path: fixture(name)).report
      #expect(report.kept + report.dropped.reduce(0) { $0 + $1.rows } == report.read)
      #expect(report.splits.reduce(0) { $0 + $1.rows } == report.kept)
    }
  }

  @Test func `libraries that can change the bytes are named with their versions`() {
    #expect(LibraryVersion.all.map(\.name) == ["libarchive", "libxml2", "zlib"])
    #expect(LibraryVersion.all.allSatisfy { $0.version.split(separator: ".").count >= 3 })
  }
}

/// Counts of the publishers' archives; see the facts in the README.
struct RealDataTests {
  static let tweets = "SemEval2018-Task1-all-data.zip"

  @Test(.enabled(if: RealData.has(tweets), "the real EI-reg archive is not in ../shared/data"))
  func `the official EI-reg archive has the published counts`() throws {
    var options = IngestOptions()
    options.split = .official
    let ingestion = try options.read(path: RealData.path(Self.tweets))
    #expect(
      ingestion.shards.map(\.classCounts) == [
        [834, 1115, 821, 764], [202, 210, 155, 199], [537, 531, 638, 522],
      ])
    #expect(ingestion.shards.map(\.count) == [3534, 766, 2228])
    #expect(ingestion.report.dropped("mystery row") == 4 * 16_937)
    #expect(ingestion.report.warnings == [])
  }

  @Test(.enabled(if: RealData.has(tweets), "the real EI-reg archive is not in ../shared/data"))
  func `near twins are many in a random split and none in the other`() throws {
    for split in [SplitScheme.random, .randomNear] {
      var options = IngestOptions()
      options.split = split
      let ingestion = try options.read(path: RealData.path(Self.tweets))
      #expect(706...707 ~= ingestion[.test].count)
      let learned = Set(ingestion[.train].texts.map { TextKey(nearDuplicateKey(Array($0.utf8))) })
      let twins = ingestion[.test].texts.count {
        learned.contains(TextKey(nearDuplicateKey(Array($0.utf8))))
      }
      #expect(split == .random ? 100...160 ~= twins : twins == 0, "\(twins)")
    }
  }

  @Test(
    .enabled(if: RealData.has("Yelp-JSON.zip"), "the real Yelp archive is not in ../shared/data"))
  func `the Yelp archive gives the default draw`() throws {
    let ingestion = try IngestOptions().read(path: RealData.path("Yelp-JSON.zip"))
    #expect(ingestion.report.read == 14_063)
    #expect(ingestion.report.source.first?.classes.map(\.rows) == [2916, 1802, 9345])
    #expect(ingestion.shards.map(\.count) == [8000, 1000, 2000])
    #expect(Set(ingestion.shards.flatMap(\.textIDs)).count == 11_000)
  }

  @Test(
    .enabled(
      if: RealData.has("aclImdb_v1.tar.gz"), "the real IMDB archive is not in ../shared/data"))
  func `the IMDB archive gives balanced training rows and all of test`() throws {
    let ingestion = try IngestOptions().read(path: RealData.path("aclImdb_v1.tar.gz"))
    #expect(ingestion.shards.map(\.classCounts) == [[1000, 1000], [500, 500], [12_500, 12_500]])
    #expect(ingestion.report.dropped("a training text that is in test, too") == 123)
    #expect(ingestion.report.warnings == [])
    let learned = Set(ingestion[.train].texts + ingestion[.validation].texts)
    #expect(learned.isDisjoint(with: ingestion[.test].texts))
  }
}
