import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

struct YelpReviewsTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private let sampling = SamplingOptions(train: 6, validation: 2, test: 2, balance: .balanced)

  private func rows(_ count: Int) -> [String] {
    (0..<count).map { "{\"stars\":\($0 % 5 + 1).0,\"text\":\"review <b>\($0)</b>\"}" }
  }

  private func read(_ path: String, _ sampling: SamplingOptions? = nil, seed: UInt64 = 1) throws
    -> IngestResult
  {
    try YelpReviews(sampling: sampling ?? self.sampling, seed: seed).read(path: path)
  }

  @Test func `the same rows in any packing give the same shards`() throws {
    let text = rows(40).joined(separator: "\n") + "\n"
    let name = "yelp_academic_dataset_review.json"
    let business = (
      "yelp_academic_dataset_business.json", "{\"business_id\":\"b\",\"stars\":4.5}\n"
    )
    _ = try bench.archive("inner", .tarGzip, [business, (name, text)])
    let paths = [
      try bench.archive("a.zip", .zip, [("Yelp JSON/yelp_dataset.tar", try bench.bytes("inner"))]),
      try bench.archive(
        "nested.zip", .zip,
        [("__MACOSX/._a.zip", [0]), ("my/a.zip", try bench.bytes("a.zip")), ("my/.DS_Store", [0])]),
      bench("inner"),
      try bench.archive("b.tar", .tar, [business, ("dataset/review.json", text)]),
      try bench.archive("c.json.gz", .gzip, [("x", text)]), try bench.file("review.json", text),
      try bench.file("crlf.json", text.replacingOccurrences(of: "\n", with: "\r\n")),
      try bench.file("bom.json", "\u{FEFF}" + text),
      try bench.file("array.json", "[" + rows(40).joined(separator: ",\n") + "]\n"),
      try bench.file("oneline.json", "[" + rows(40).joined(separator: ",") + "]"),
      try bench.file("shuffled.json", rows(40).reversed().joined(separator: "\n")),
    ]
    try bench.file("folder/business.json", business.1)
    try bench.file("folder/review.json", text)
    let expected = try read(paths[0])
    for path in paths + [bench("folder")] {
      #expect(try read(path).contents == expected.contents, "\(path)")
    }
    #expect(expected.report.read == 40)
  }

  @Test func `markup is gone and stars are labels`() throws {
    let ingestion = try read(try bench.file("r.json", rows(20).joined(separator: "\n")))
    for shard in ingestion.shards {
      for (text, label) in zip(shard.texts, shard.labels) {
        let number = try #require(Int(text.dropFirst("review ".count)))
        #expect(Int(label) == [0, 0, 1, 2, 2][number % 5])
      }
    }
  }

  @Test func `bad rows are counted, warned of, and do no harm`() throws {
    let bad = [
      #"{"stars":"5","text":"x"}"#, #"{"stars":5,"text":" "}"#, "no json", "", "  ",
      #"{"stars":5,"stars":4,"text":"x"}"#,
      #"{"stars":5,"text":""# + String(repeating: "y", count: 2 << 20) + #""}"#,
    ]
    let text = (rows(20) + bad + [#"{"stars":5,"text":"cut o"#]).joined(separator: "\n")
    let report = try read(try bench.file("r.json", text)).report
    #expect(report.read == 26)
    #expect(report.kept == 10)
    #expect(report.dropped("“stars” is no number of 1 to 5") == 1)
    #expect(report.dropped("no text") == 1)
    #expect(report.dropped("not a JSON object") == 1)
    #expect(report.dropped("a duplicate key") == 1)
    #expect(report.dropped("a row of over 1048576 bytes") == 1)
    #expect(report.dropped("the last row is cut") == 1)
    #expect(report.dropped.reduce(0) { $0 + $1.rows } + report.kept == report.read)
    #expect(
      report.warnings == [
        "5 rows are no proper reviews, the first is row 21: “stars” is no number of 1 to 5",
        "the file of reviews ends within a row: the archive was cut somewhere",
        "no “positive” among 2 validation rows; add rows of each class, or ask for more validation rows",
        "no “positive” among 2 test rows; add rows of each class, or ask for more test rows",
      ])
  }

  @Test func `texts that are equal once cleaned stand in for each other`() throws {
    let twins = (0..<12).flatMap { number in
      ["a <b>\(number)</b>", "a \(number)", "a  \(number)"].map {
        "{\"stars\":1,\"text\":\"\($0)\"}"
      }
    }
    let mixed = twins + rows(25)
    let natural = SamplingOptions(train: 20, validation: 5, test: 5, balance: .natural)
    let shards = try read(try bench.file("r.json", mixed.joined(separator: "\n")), natural).shards
    let texts = shards.flatMap(\.texts)
    #expect(texts.count == 30)
    #expect(Set(texts).count == 30)
  }

  @Test func `another seed draws other reviews`() throws {
    let path = try bench.file("r.json", rows(100).joined(separator: "\n"))
    #expect(try read(path, seed: 1).shards != read(path, seed: 2).shards)
  }

  @Test func `fewer reviews than asked for are refused`() throws {
    let path = try bench.file("review.json", rows(8).joined(separator: "\n"))
    let error = try userError { _ = try read(path) }
    #expect(error.exitStatus == .data)
    #expect(error.location == path)
    #expect(error.problem == "2 different “neutral” texts")
    #expect(error.expected == "4, as --train, --validation and --test ask for")
  }

  @Test func `a class that vanishes is refused`() throws {
    let path = try bench.file(
      "r.json", (0..<20).map { "{\"stars\":5,\"text\":\"\($0)\"}" }.joined(separator: "\n"))
    let natural = SamplingOptions(train: 6, validation: 2, test: 2, balance: .natural)
    #expect(
      try userError { _ = try read(path, natural) }.problem
        == "no “negative”, “neutral” among the 6 training rows")
  }

  @Test func `the photo archive is refused by name`() throws {
    let path = try bench.archive(
      "yelp_photos.tar", .tar,
      [("photos.json", #"{"photo_id":"x","caption":""}"#), ("photos/x.jpg", "x")])
    let error = try userError { _ = try read(path) }
    #expect(error.exitStatus == .data)
    #expect(error.problem == "none of the files of yelp, but photos.json, photos/x.jpg")
    #expect(error.hint?.hasPrefix("this is Yelp's photo archive") == true)
  }

  @Test func `an archive without reviews is refused with what it holds`() throws {
    let path = try bench.archive(
      "y.tar", .tar, [("tip.json", #"{"text":"go there"}"#), ("business.json", #"{"stars":3.5}"#)])
    let error = try userError { _ = try read(path) }
    #expect(error.problem == "none of the files of yelp, but tip.json, business.json")
    #expect(error.expected?.hasPrefix("Yelp-JSON.zip") == true)
  }

  @Test func `two files of reviews are refused, naming both`() throws {
    let text = rows(20).joined(separator: "\n")
    let path = try bench.archive("y.tar", .tar, [("a/review.json", text), ("b/review.json", text)])
    let error = try userError { _ = try read(path) }
    #expect(error.location == "\(path): b/review.json")
    #expect(error.expected == "only \(path): a/review.json")
  }

  @Test func `the fixture has the publisher's odd rows and gives its reviews`() throws {
    let sampling = SamplingOptions(train: 700, validation: 100, test: 200, balance: .natural)
    let ingestion = try read(fixture("Yelp-JSON.zip"), sampling)
    #expect(ingestion.report.read == 1031)
    #expect(ingestion.report.kept == 1000)
    #expect(ingestion.report.dropped("no text") == 1)
    #expect(ingestion.report.warnings == [])
    #expect(ingestion[.train].texts.contains { $0.contains("\u{FFFD}") || $0.contains("café") })
    for shard in ingestion.shards {
      #expect(shard.texts.allSatisfy { !$0.contains("\n") && !$0.contains("\\/") && !$0.isEmpty })
    }
  }
}
