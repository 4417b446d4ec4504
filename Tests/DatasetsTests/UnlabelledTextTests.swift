import Foundation
import Shards
import Support
import TestSupport
import Testing

@testable import Datasets

/// Texts without labels, as a task's further split or alone.
struct UnlabelledTextTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// Reads unlabelled texts alone, as the task “more”.
  private func read(
    _ name: String, _ change: (inout IngestOptions) -> Void = { _ in }
  ) throws -> (shard: TextShard, report: IngestReport) {
    var options = IngestOptions()
    options.table.name = "more"
    change(&options)
    var shards: [TextShard] = []
    let writer = ShardWriter { shard, _ in shards.append(shard) }
    let report = try options.readUnlabelled(Archive(path: bench(name)), into: writer)
    #expect(shards.count == 1)
    return (try #require(shards.first), report)
  }

  @Test func `each line of a text file is a text`() throws {
    try bench.file("more.txt", "One  text,\n\n \t\nanother\r\none\n\u{1}\nOne text,")
    let (shard, report) = try read("more.txt")
    #expect(shard.texts == ["One text,", "another", "one", "One text,"])
    #expect(shard.header == ShardHeader(task: "more", split: .unlabelled, classNames: []))
    #expect(shard.labels == [-1, -1, -1, -1])
    #expect(shard.textIDs == [0, 1, 2, 0])
    #expect((0..<4).map(shard.id) == [1, 4, 5, 7].map { "more.txt:\($0)" })
    #expect(report.splits.map(\.rows) == [4])
    #expect(
      report.text == """
        more: 4 rows read, 4 kept
          unlabelled texts: a text a line in 1 file
        written:
          unlabelled: 4 texts
        """)
  }

  @Test func `tables, JSON and packed files have texts under a column`() throws {
    try bench.file("a/one.csv", "note,text\n1,\"a, b\"\n2,\n")
    try bench.file("a/two.jsonl", "{\"text\": \"c\", \"label\": 7}\n")
    try bench.file("a/README.md", "These are texts.")
    try bench.file("a/photo.jpg", "\u{1}")
    let (shard, report) = try read("a")
    #expect(shard.texts == ["a, b", "c"])
    #expect(report.dropped("no text") == 1)
    #expect(report.skipped.map(\.rows) == [2])
    #expect(report.unlabelled == "a table in 1 file; JSON in 1 file")
    _ = try bench.archive("b.zip", .zip, [("x/b.tsv", "body\tstars\ngood\t5\n")])
    #expect(try read("b.zip") { $0.table.textColumns = ["body"] }.shard.texts == ["good"])
    _ = try bench.archive("c.txt.gz", .gzip, [("", "one\ntwo\n")])
    #expect(try read("c.txt.gz").shard.texts == ["one", "two"])
  }

  @Test func `files in a folder are a text each, unless lines are asked for`() throws {
    try bench.file("folder/a.txt", "one\ntwo\n")
    try bench.file("folder/b.txt", "three\n")
    #expect(try read("folder").shard.texts == ["one two", "three"])
    let lines = try read("folder") { $0.unlabelledFormat = .lines }
    #expect(lines.shard.texts == ["one", "two", "three"])
    #expect(
      try read("folder/a.txt") { $0.unlabelledFormat = .files }.shard.texts == ["one two"])
  }

  @Test(arguments: [
    "books.task.unlabel", "books/unlabelled.txt", "train/unsup/0_0.txt", "x/Unlabeled/a.txt",
  ])
  func `of an archive with unlabelled text, only that is read`(path: String) throws {
    _ = try bench.archive(
      "a.zip", .zip, [("x/train.txt", "a\n"), ("x/notes.csv", "b\n"), (path, "c\n")])
    let (shard, report) = try read("a.zip")
    #expect(shard.texts == ["c"])
    #expect(report.skipped.isEmpty)
  }

  @Test func `a file that is named as unlabelled text is no labelled table`() throws {
    let rows = (0..<40).map { "\($0 % 2),text \($0)\n" }.joined()
    try bench.file("books/train.csv", rows)
    try bench.file("books/test.csv", "0,one\n1,two\n")
    try bench.file("books/unlabelled.txt", "First, this.\nThen that.\n")
    var options = IngestOptions()
    options.table.name = "books"
    options.table.header = "label,text"
    var shards: [TextShard] = []
    let writer = ShardWriter { shard, _ in shards.append(shard) }
    _ = try options.read(
      Archive(path: bench("books")), unlabelled: Archive(path: bench("books")), into: writer)
    #expect(shards.map(\.count) == [36, 4, 2, 2])
    #expect(shards.last?.texts == ["First, this.", "Then that."])
  }

  @Test func `a published data set gets its unlabelled texts, cleaned as its reviews`() throws {
    let archive = fixture("aclImdb_v1.tar.gz")
    var options = IngestOptions()
    options.dataset = .imdb
    (options.train, options.validation) = (.rows(200), .rows(100))
    var shards: [TextShard] = []
    let writer = ShardWriter { shard, _ in shards.append(shard) }
    let report = try options.read(
      Archive(path: archive), unlabelled: Archive(path: archive), into: writer)
    #expect(shards.map(\.header.split) == Split.allCases)
    let unlabelled = try #require(shards.last)
    #expect(unlabelled.count == 60 && unlabelled.task == "imdb")
    #expect(unlabelled.texts.allSatisfy { !$0.contains("<br") })
    #expect((0..<60).allSatisfy { unlabelled.id(of: $0).hasPrefix("aclImdb/train/unsup/") })
    #expect(report.kept == shards.reduce(0) { $0 + $1.count })
    #expect(!report.text.contains("reviews without a label"))
    // The other splits are those without unlabelled texts.
    let labelled = try options.read(path: archive)
    #expect(labelled.shards == Array(shards.dropLast()))
    #expect(labelled.report.text.contains("\n  passed over 60: reviews without a label (unsup)\n"))
  }

  @Test func `mistakes are told with the place and the flag that helps`() throws {
    func message(
      _ name: String, _ change: (inout IngestOptions) -> Void = { _ in }
    ) throws -> String {
      let error = try userError { _ = try read(name, change) }
      return "\(error.exitStatus) \(error.problem); \(error.hint ?? "")"
    }
    try bench.file("blank.txt", "\n \n")
    #expect(
      try message("blank.txt")
        == "data no text in 1 file that were read; name a file with a text a line, a table, or a "
        + "folder of text files")
    try bench.file("photos/a.jpg", "x")
    #expect(try message("photos").hasPrefix("data no text file, table or JSON in it; "))
    try bench.file("a.csv", "body,stars\ngood,5\n")
    #expect(
      try message("a.csv")
        == "data the columns “body”, “stars”; name the column of the text with --text-column, or "
        + "read each line as a text with --unlabelled-format lines")
    try bench.file("a.jsonl", "{\"body\": \"x\"}\n")
    #expect(
      try message("a.jsonl")
        == "data no “text” among the keys “body”; name the key of the text with --text-column")
    try bench.file("b.jsonl", "{\"body\": \"x\"}\n{\"text\": \"y\"}\n")
    let skipping = try read("b.jsonl") { $0.table.onError = .skip }
    #expect(skipping.shard.texts == ["y"] && skipping.report.dropped("a bad row") == 1)
    try bench.file("folder/long.txt", String(repeating: "word ", count: 1 << 18))
    #expect(
      try message("folder").hasSuffix("if each line is a text, add --unlabelled-format lines"))
    #expect(try message("a.csv") { $0.table.name = nil }.hasPrefix("usage no name"))
    #expect(
      try message("a.csv") { $0.train = .rows(5) }
        == "usage given without labelled text; leave it out; unlabelled texts are not divided")
    #expect(try message("missing.txt").hasPrefix("noInput "))
  }
}
