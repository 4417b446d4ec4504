import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

struct IMDBReviewsTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// Ten reviews of each folder; the first of test/neg also stands in train/neg.
  private var members: [(String, String)] {
    var list: [(String, String)] = [("aclImdb/README", "x"), ("aclImdb/train/unsup/0_0.txt", "u")]
    for half in ["train", "test"] {
      for (folder, rating) in [("pos", 9), ("neg", 2)] {
        for number in 0..<10 {
          list.append(
            (
              "aclImdb/\(half)/\(folder)/\(number)_\(rating).txt",
              "\(half) \(folder)<br />\(number)"
            ))
        }
      }
    }
    list.append(("aclImdb/train/neg/99_1.txt", "test neg<br />0"))
    return list
  }

  private func read(
    _ path: String, train: Int = 8, validation: Int = 4, test: Int? = nil
  ) throws -> IngestResult {
    var options = IngestOptions()
    options.dataset = .imdb
    (options.train, options.validation) = (.rows(train), .rows(validation))
    options.test = test.map(SplitSize.rows)
    return try options.read(path: path)
  }

  @Test func `the order of members and the packing change nothing`() throws {
    let expected = try read(try bench.archive("a.tgz", .tarGzip, members)).shards
    let shuffled = Array(members.reversed())
    #expect(try read(try bench.archive("b.zip", .zip, shuffled)).shards == expected)
    for (name, text) in members { try bench.file("folder/\(name)", text) }
    #expect(try read(bench("folder")).shards == expected)
    #expect(try read(bench("folder/aclImdb")).shards == expected)
  }

  @Test func `train is balanced, test is whole, and no text of test is trained on`() throws {
    let ingestion = try read(
      try bench.archive("a.tgz", .tarGzip, members), train: 12, validation: 8)
    #expect(ingestion[.train].classCounts == [6, 6])
    #expect(ingestion[.validation].classCounts == [4, 4])
    #expect(ingestion[.test].classCounts == [10, 10])
    #expect(ingestion.report.dropped("a training text that is in test, too") == 1)
    #expect(Set(ingestion.shards.flatMap(\.texts)).count == 40)
    #expect(ingestion.report.skipped.map(\.rows) == [1])
    #expect(ingestion[.test].texts.contains("test neg 0"))
  }

  @Test func `fewer test reviews can be asked for`() throws {
    let path = try bench.archive("a.tgz", .tarGzip, members)
    let some = try read(path, test: 6)
    #expect(some[.test].classCounts == [3, 3])
    #expect(some[.train] == (try read(path))[.train])
    let none = try read(path, validation: 0, test: 0)
    #expect(none.shards.map(\.split) == [.train] && none.report.splits.map(\.rows) == [8, 0, 0])
  }

  @Test func `texts that stand twice in test stay and share a group`() throws {
    let doubled = members + [("aclImdb/test/pos/50_8.txt", "test pos<br />3")]
    let test = try read(try bench.archive("a.tgz", .tarGzip, doubled))[.test]
    #expect(test.count == 21)
    #expect(Set(test.textIDs).count == 20)
  }

  @Test(arguments: [
    "aclImdb/train/pos.txt", "aclImdb/train/positive/1_9.txt", "xtrain/pos/1_9.txt",
    "train/pos/1_9.txt.gz",
    "train/pos/a_9.txt", "train/pos/1_99.txt", "train/pos/1_9_2.txt", "train/pos/-1_9.txt",
    "pos/1_9.txt",
    "aclImdb/train/pos/sub/1_9.txt", "train/pos/1_.txt",
  ])
  func `only whole components of a path make a review`(path: String) {
    #expect(IMDBPath(path: path) == nil)
  }

  @Test func `a rating that contradicts its folder is dropped`() throws {
    let odd =
      members + [("aclImdb/train/pos/77_3.txt", "odd"), ("aclImdb/train/neg/78_0.txt", "odd")]
    let report = try read(try bench.archive("a.tgz", .tarGzip, odd)).report
    #expect(report.dropped("a rating that does not fit its folder") == 2)
  }

  @Test func `a review of more than a megabyte is refused by name`() throws {
    let long = members + [("aclImdb/test/pos/60_8.txt", String(repeating: "x ", count: 600_000))]
    let path = try bench.archive("a.tgz", .tarGzip, long)
    let error = try userError { _ = try read(path) }
    #expect(error.location == "\(path): aclImdb/test/pos/60_8.txt")
    #expect(error.problem == "more than 1048576 bytes")
  }

  @Test func `a missing folder is refused by name`() throws {
    let partial = members.filter { !$0.0.contains("test/pos") }
    let error = try userError { _ = try read(try bench.archive("a.tgz", .tarGzip, partial)) }
    #expect(error.exitStatus == .data)
    #expect(error.problem == "no review in test/pos")
  }

  @Test func `fewer reviews than asked for are refused by class`() throws {
    let error = try userError {
      _ = try read(try bench.archive("a.tgz", .tarGzip, members), train: 30)
    }
    #expect(error.problem == "10 different “negative” texts")
    #expect(error.expected == "17, as --train, --validation and --test ask for")
  }

  @Test func `the fixture is read whole`() throws {
    let ingestion = try read(fixture("aclImdb_v1.tar.gz"), train: 240, validation: 80)
    #expect(ingestion.report.read == 600)
    #expect(ingestion[.test].classCounts == [100, 100])
    #expect(ingestion.report.dropped("a training text that is in test, too") == 6)
    #expect(
      ingestion.shards.flatMap(\.texts).allSatisfy { !$0.contains("<br") && !$0.contains("<i>") })
    #expect(ingestion.shards.flatMap(\.texts).contains { $0.contains("<3") })
  }
}
