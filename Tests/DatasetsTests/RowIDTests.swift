import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Each row keeps an ID and its text as it was written.
struct RowIDTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// The text and the ID of each row.
  private func ids(_ result: IngestResult) -> [String: String] {
    var ids: [String: String] = [:]
    for shard in result.shards {
      for row in 0..<shard.count {
        ids[String(decoding: shard.row(row), as: UTF8.self)] = shard.id(of: row)
      }
    }
    return ids
  }

  private func rows(_ row: (Int) -> String) -> String { (0..<20).map(row).joined() }
  private var table: String { "text,label\n" + rows { "row \($0),\($0 % 2)\n" } }

  @Test func `without an ID column the location of a row is its ID, wherever the input is`() throws
  {
    let files: [(path: String, id: String)] = [
      (try bench.file("deep/a.csv", table), "a.csv:5"),
      (try bench.archive("a.gz", .gzip, [("a.csv", table)]), "a.gz:5"),
      (try bench.archive("a.zip", .zip, [("in/a.csv", table)]), "in/a.csv:5"),
      (
        try bench.file(
          "rows.json", "[" + rows { #"{"text":"row \#($0)","label":"\#($0 % 2)"},"# } + "]"),
        "rows.json:4"
      ),
    ]
    for (path, id) in files {
      #expect(ids(try own().read(path: path))["row 3"] == id, "\(path)")
    }
    for row in 0..<20 { try bench.file("folder/\(row % 2)/\(row).txt", "row \(row)\n") }
    #expect(ids(try own().read(path: bench("folder")))["row 3"] == "1/3.txt")
    let folder = try own().read(path: bench("folder"))
    #expect(folder[.test].source(of: 0).elementsEqual(folder[.test].row(0)))
  }

  @Test func `of several inputs each ID begins with the name of its input`() throws {
    let other = "text,label\n" + rows { "other \($0),\($0 % 2)\n" }
    try bench.file("x/a.csv", table)
    try bench.file("y/a.csv", other)
    try bench.file("b.csv", other)
    func ids(_ names: [String]) throws -> [String: String] {
      var shards: [TextShard] = []
      let writer = ShardWriter(shardSize: .max, memoryLimit: .max) { shard, _ in
        shards.append(shard)
      }
      let inputs = names.map { ArchiveInput(bench($0), name: $0) }
      let report = try own().read(Archive(inputs), into: writer)
      return self.ids(IngestResult(shards: shards, report: report))
    }
    let distinct = try ids(["x/a.csv", "b.csv"])
    #expect(distinct["row 3"] == "a.csv:5" && distinct["other 3"] == "b.csv:5")
    let equal = try ids(["x/a.csv", "y/a.csv"])
    #expect(equal["row 3"] == "x/a.csv:5" && equal["other 3"] == "y/a.csv:5")
    #expect(try ids(["x", "b.csv"])["row 3"] == "x/a.csv:5")
  }

  @Test func `an ID column gives the IDs, a path in JSON too, and numbers stay as written`() throws
  {
    let csv = try bench.file(
      "a.csv", "id,text,label\n" + rows { "\" A-\($0) \",row \($0),\($0 % 2)\n" })
    #expect(ids(try own { $0.idColumn = "id" }.read(path: csv))["row 3"] == "A-3")
    let json = try bench.file(
      "a.jsonl",
      rows { #"{"meta":{"id":\#($0 + 10).50},"text":"row \#($0)","label":"\#($0 % 2)"}"# + "\n" })
    #expect(ids(try own { $0.idColumn = "meta.id" }.read(path: json))["row 3"] == "13.50")
  }

  @Test func `a missing ID is a bad row, and repeated IDs are counted with both lines`() throws {
    let missing = try bench.file(
      "m.csv", "id,text,label\n" + rows { "\($0 == 3 ? " " : "x\($0)"),row \($0),\($0 % 2)\n" })
    let error = try userError { _ = try own { $0.idColumn = "id" }.read(path: missing) }
    #expect(error.location == "\(missing): line 5" && error.problem == "no ID")
    let skipped = try own { ($0.idColumn, $0.onError) = ("id", .skip) }.read(path: missing)
    #expect(skipped.report.dropped("a bad row") == 1)

    let path = try bench.file(
      "r.csv", "id,text,label\n" + rows { "\($0 % 18),row \($0),\($0 % 2)\n" })
    let repeated = try own { $0.idColumn = "id" }.read(path: path)
    #expect(repeated.report.kept == 20)
    #expect(
      repeated.report.warnings.contains(
        "2 rows repeat the ID of an earlier row, the first “0” at \(path): line 20 and at "
          + "\(path): line 2; they can be found by the ID and the text only"))
  }

  @Test func `an ID column needs columns, and is none of the others`() throws {
    let path = try bench.file("a.csv", table)
    let mistakes: [(column: String, format: TableFormat?, problem: String)] = [
      ("text", nil, "one column for two things"), ("id", nil, "the columns “text”, “label”"),
      ("id", .folders, "given for the format folders"),
    ]
    for (column, format, problem) in mistakes {
      let error = try userError {
        _ = try own { ($0.idColumn, $0.format) = (column, format) }.read(path: path)
      }
      #expect(error.problem == problem)
    }
  }

  @Test func `the text as written is kept of validation and test rows where cleaning changes it`()
    throws
  {
    let path = try bench.file(
      "a.csv",
      "text,label\n" + rows { "\" row \($0),\n\n <b>\t\($0 < 10 ? "x" : "y")</b> \",\($0 % 2)\n" })
    let result = try own { $0.markup = .html }.read(path: path)
    for shard in result.shards {
      for row in 0..<shard.count {
        let text = String(decoding: shard.row(row), as: UTF8.self)
        let source = String(decoding: shard.source(of: row), as: UTF8.self)
        let mark = text.suffix(1)
        let written = text.dropLast(2) + "\n\n <b>\t\(mark)</b>"
        #expect(source == (shard.split == .train ? text : String(written)))
      }
    }
  }

  @Test func `the published data sets have their own IDs, the same in any order`() throws {
    let tweets = try IngestOptions().read(path: fixture("SemEval2018-Task1-all-data.zip"))
    #expect(ids(tweets).values.allSatisfy { $0.wholeMatch(of: /201[78]-En-\d+/) != nil })
    var options = IngestOptions()
    (options.train, options.validation) = (SplitSize("100"), SplitSize("50"))
    let films = try options.read(path: fixture("aclImdb_v1.tar.gz"))
    #expect(
      ids(films).values.allSatisfy {
        $0.wholeMatch(of: /(train|test)\/(neg|pos)\/\d+_\d+\.txt/) != nil
      })
    options.test = SplitSize("50")
    let reviews = try options.read(path: fixture("Yelp-JSON.zip"))
    #expect(Set(ids(reviews).values).count == 200)
    #expect(ids(reviews).values.allSatisfy { $0.utf8.count == 22 })
  }
}
