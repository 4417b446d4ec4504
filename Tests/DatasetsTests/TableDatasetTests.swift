import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

/// Labelled text of the user's own, from files of all kinds to shards.
struct TableDatasetTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// A table of `count` rows, whose labels are `a` and `b` in turn.
  private func table(
    _ count: Int, delimiter: String = ",", header: String = "text,label\n"
  ) -> String {
    header + (0..<count).map { "row \($0)\(delimiter)\($0 % 2 == 0 ? "a" : "b")\n" }.joined()
  }

  @Test func `a CSV, a TSV, JSON lines, a JSON array and folders give the same rows`() throws {
    let rows = (0..<20).map { ("text \($0)", $0 % 2 == 0 ? "a" : "b") }
    let objects = rows.map { "{\"label\":\"\($1)\",\"text\":\"\($0)\"}" }
    let paths = [
      try bench.file("1.csv", "text,label\n" + rows.map { "\($0),\($1)\n" }.joined()),
      try bench.file("2.csv", "label;text\r\n" + rows.map { "\"\($1)\";\"\($0)\"\r\n" }.joined()),
      try bench.file("3.tsv", "text\tlabel\n" + rows.map { "\($0)\t\($1)\n" }.joined()),
      try bench.file("4.txt", "\u{FEFF}text\tlabel\n" + rows.map { "\($0)\t\($1)\n" }.joined()),
      try bench.file("5.jsonl", objects.joined(separator: "\n")),
      try bench.file("6.json", "[\n" + objects.joined(separator: ",\n") + "]"),
      try bench.archive(
        "7.tar.gz", .tarGzip,
        rows.enumerated().map { ("mine/\($1.1)/\($0).txt", "\($1.0)\n") } + [
          ("mine/README", "a note"), ("mine/LICENSE", "x"), ("mine/.git/config", "y"),
        ]),
      try bench.archive(
        "8.zip", .zip, [("x.csv", "text,label\n" + rows.map { "\($0),\($1)\n" }.joined())]),
      try bench.archive("9.gz", .gzip, [("9", objects.joined(separator: "\n"))]),
    ]
    for (number, row) in rows.enumerated() {
      try bench.file("folder/\(row.1)/\(number).txt", row.0)
    }
    let results = try (paths + [bench("folder")]).map { path in
      try own().read(path: path)
    }
    for result in results { #expect(result.contents == results[0].contents) }
    #expect(results[0][.train].classNames == ["a", "b"] && results[0][.train].task == "own")
    #expect(results[0].shards.map(\.count) == [14, 2, 4])
    #expect(results[6].report.skipped.map(\.rows) == [2])
  }

  @Test func `the order of rows and of files does not matter`() throws {
    let lines = (0..<200).map { "row \($0 % 150),\($0 % 3)\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    let back = try bench.file("b.csv", "text,label\n" + lines.reversed().joined())
    var options = own()
    #expect(try options.read(path: path).contents == options.read(path: back).contents)
    (options.train, options.validation, options.test) = (40, 10, 20)
    #expect(try options.read(path: path).contents == options.read(path: back).contents)
  }

  @Test func `sizes are rows or shares, and more training rows move no others`() throws {
    let path = try bench.file("a.csv", table(1000))
    var options = own()
    (options.test, options.validation) = (.fraction(0.5), 100)
    #expect(try options.read(path: path).shards.map(\.count) == [400, 100, 500])
    (options.train, options.validation, options.test) = (100, 50, 200)
    let few = try options.read(path: path)
    #expect(few.shards.map(\.count) == [100, 50, 200] && few.report.dropped("not drawn") == 650)
    options.train = 700
    let many = try options.read(path: path)
    #expect(many[.test].texts == few[.test].texts)
    #expect(many[.validation].texts == few[.validation].texts)
    #expect(Set(few[.train].texts).isSubset(of: many[.train].texts))
    options.train = 751
    let error = try userError { _ = try options.read(path: path) }
    #expect(error.problem == "1,000 rows")
    #expect(error.expected == "1001, as --train, --validation and --test ask for")
  }

  @Test func `a pool of a given size keeps what a pool of all rows has first`() {
    var (all, few) = (GroupSampler(), GroupSampler(capacity: 60))
    for number in 0..<5000 {
      let text = Array("text \(number % 700)".utf8)
      let row = Example(text: text, labels: [number % 3], id: "\(number)", source: text)
      for _ in 0..<2 { all.add(row, hash: TextHash(seed: 3)(text)) }
      for _ in 0..<2 { few.add(row, hash: TextHash(seed: 3)(text)) }
      #expect(few.count <= 122)
    }
    let (expected, kept) = (all.sorted(), few.sorted())
    #expect(kept.map { $0.map(\.text) } == expected.prefix(kept.count).map { $0.map(\.text) })
    #expect(kept.reduce(0) { $0 + $1.count } >= 60)
    #expect(kept.dropLast().reduce(0) { $0 + $1.count } < 60)
  }

  @Test
  func `a map makes labels of classNames in its order and the others are dropped and counted`()
    throws
  {
    let path = try bench.file(
      "a.csv",
      "text,label\n" + (0..<60).map { "row \($0), \($0 % 6) \n" }.joined() + "x,\ny,null\n")
    let ingestion = try own { $0.labels = "5=good, 4=good,1=bad,0=bad,7=bad" }
      .read(path: path)
    #expect(ingestion[.train].classNames == ["good", "bad"])
    #expect(ingestion.report.source.first?.classes.map(\.rows) == [20, 20])
    #expect(ingestion.report.dropped("the label “2” is not in --labels") == 10)
    #expect(ingestion.report.dropped("the label “null” is not in --labels") == 1)
    #expect(ingestion.report.dropped("no label") == 1)
    #expect(ingestion.report.read == 62 && ingestion.report.kept == 40)
    #expect(ingestion.report.warnings == ["no row has the label “7” of --labels"])
  }

  @Test(arguments: [
    (["10", "9", "-1"], ["-1", "9", "10"]), (["10", "9", "x"], ["10", "9", "x"]),
    (["b", "B", "ä", "a"], ["B", "a", "b", "ä"]),
  ])
  func `without a map labels are sorted by value if all are numbers, else by bytes`(
    classNames: [String], expected: [String]
  ) throws {
    let lines = (0..<100).map { "row \($0),\(classNames[$0 % classNames.count])\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    #expect(try own().read(path: path)[.train].classNames == expected)
  }

  @Test func `a column, files or folders say the split, and a text stays where it is judged`()
    throws
  {
    var lines = "text,label,part\n"
    for number in 0..<30 {
      lines += "row \(number),\(number % 2),\(["train", "TEST", "dev"][number % 3])\n"
    }
    let column = try bench.file("c.csv", lines + "row 1,1,train\nrow 2,0,train\n")
    let ingestion = try own { $0.splitColumn = "part" }.read(path: column)
    #expect(ingestion.shards.map(\.count) == [10, 10, 10])
    #expect(ingestion.shards.allSatisfy { $0.splitScheme == "official" })
    #expect(ingestion.report.dropped("a text that is in test, too") == 1)
    #expect(ingestion.report.dropped("a text that is in validation, too") == 1)

    let rows = (0..<30).map { "row \($0),\($0 % 2)\n" }
    var files = own()
    files.split = .official
    let named = try bench.archive(
      "n.zip", .zip,
      ["train", "test", "dev"].enumerated().map { index, name in
        (
          "mine/reviews-\(name).csv",
          "text,label\n"
            + rows.enumerated().filter { $0.offset % 3 == index }.map(\.element).joined()
        )
      })
    #expect(try files.read(path: named).shards.map(\.labels) == ingestion.shards.map(\.labels))
    let folders = try bench.archive(
      "f.tar", .tar,
      (0..<30).map { ("x/\($0 % 3 == 1 ? "test" : "train")/\($0 % 2)/\($0).txt", "row \($0)") })
    files.validation = .fraction(0.5)
    #expect(try files.read(path: folders).shards.map(\.count) == [10, 10, 10])
    let open = try bench.file("open.csv", table(30))
    #expect(
      try userError { _ = try files.read(path: open) }.description.hasPrefix(
        "\(open): line 2: a row that belongs to no split\n"))
  }

  @Test func `texts of no class in a folder of a split are told`() throws {
    for number in 0..<40 {
      try bench.file(
        "d/\(number % 4 == 0 ? "test" : "train")/\(number % 2)/\(number).txt", "row \(number)")
    }
    try bench.file("d/train/notes.txt", "no class")
    let result = try own().read(path: bench("d"))
    #expect(result.report.skipped.map(\.name) == ["files of no class"])
    #expect(
      result.report.warnings.first?.hasPrefix(
        "1 text was passed over, directly in a folder named as a split (train, test, …)") == true)
  }

  @Test func `without test or validation rows all rows are for training`() throws {
    let path = try bench.file("a.csv", table(60))
    var options = own()
    options.test = 0
    let tested = try options.read(path: path)
    #expect(tested.shards.map(\.split) == [.train, .validation])
    #expect(tested.shards.map(\.count) == [54, 6])
    options.validation = SplitSize("0%")
    let all = try options.read(path: path)
    #expect(all.shards.map(\.count) == [60] && all.report.kept == 60)
    #expect(all.report.text.hasSuffix("  validation: no rows\n  test: no rows"))

    let lines = (0..<60).map { "row \($0),\($0 % 2),\(["train", "test", "dev"][$0 % 3])\n" }
    let given = try bench.file("g.csv", "text,label,part\n" + lines.joined())
    options.table.splitColumn = "part"
    let train = try options.read(path: given)
    #expect(train.shards.map(\.count) == [20])
    #expect(train.report.dropped("a row of a split of size 0") == 40)
  }

  @Test func `a class gets a training row, and the splits keep their sizes`() throws {
    for count in 20..<60 {
      let path = try bench.file("a.csv", table(count) + "alone,rare\n")
      let ingestion = try own().read(path: path)
      let rare = try #require(ingestion[.train].classNames.firstIndex(of: "rare"))
      #expect(ingestion.shards.map { $0.classCounts[rare] } == [1, 0, 0])
      #expect(ingestion[.test].count == SplitSize.fraction(0.2).rows(of: count + 1))
      let warnings = ingestion.report.warnings
      #expect(
        warnings.contains { $0.hasPrefix("no “rare” among ") && $0.contains(" test rows") })
      #expect(
        warnings.contains(
          "classes with fewer than 5 rows, 1 of 3: “rare” (1 row); add rows, or join "
            + "or leave out classes with --labels"))
    }
  }

  @Test func `classes without training rows are listed together`() throws {
    let rows = (0..<240).map { "row \($0),class \(100 + $0 % 30)\n" }.joined()
    var options = own()
    (options.train, options.validation, options.test) = (5, 5, 5)
    let error = try userError {
      _ = try options.read(path: try bench.file("a.csv", "text,label\n" + rows))
    }
    #expect(error.problem.hasPrefix("no “class 10"))
    #expect(error.problem.hasSuffix(" more among the 5 training rows"))
  }

  @Test func `training texts that are tested, too, are counted in the error and in a warning`()
    throws
  {
    func lines(_ split: String, _ range: Range<Int>) -> String {
      range.map { "row \($0),\($0 % 2),\(split)\n" }.joined()
    }
    let head = "text,label,part\n" + lines("test", 0..<20)
    let options = own { $0.splitColumn = "part" }
    let error = try userError {
      _ = try options.read(path: try bench.file("a.csv", head + lines("train", 0..<20)))
    }
    #expect(
      error.problem
        == "no rows left for the train split of own; 20 dropped: a text that is in test, too")
    let some = try options.read(path: try bench.file("b.csv", head + lines("train", 8..<60)))
    #expect(
      some.report.warnings.prefix(1) == [
        "12 rows were dropped because their text is in another split, too; each text is kept in only "
          + "one: test before validation before train"
      ])
  }

  @Test func `training texts that are tested, too, are kept if leaks are allowed`() throws {
    let rows = (0..<60).map { "row \($0),\($0 % 2),\($0 < 20 ? "test" : "train")\n" }
    let leaks = (0..<5).map { "row \($0),\($0 % 2),train\n" }
    let path = try bench.file("a.csv", "text,label,part\n" + (rows + leaks).joined())
    let options = own {
      $0.splitColumn = "part"
      $0.allowsLeaks = true
    }
    let result = try options.read(path: path)
    #expect(DatasetsTests.rows(result).count { $0.contains("row 4 =") } == 2)
    #expect(
      result.report.warnings.prefix(1) == [
        "5 rows were kept whose text is in another split, too, as --allow-leaks asks for; results are "
          + "too high"
      ])
    let plain = try bench.file(
      "b.csv", "text,label\n" + (0..<60).map { "row \($0),\($0 % 2)\n" }.joined())
    #expect(
      try userError { _ = try own { $0.allowsLeaks = true }.read(path: plain) }.problem
        == "given, but rows are divided at random")
  }

  @Test func `markup becomes text`() throws {
    let rows = (0..<20).map {
      "{\"text\":\"\($0) <b>so</b> &lt;3<br>it\",\"label\":\($0 % 2 == 0)}"
    }
    let path = try bench.file("a.jsonl", rows.joined(separator: "\n"))
    let html = try own { $0.markup = .html }.read(path: path)
    #expect(DatasetsTests.rows(html).contains("0 so <3 it = true"))
    #expect(
      DatasetsTests.rows(try own().read(path: path)).contains("0 <b>so</b> &lt;3<br>it = true"))
  }

  @Test(arguments: [
    ("so<br />it", "<br />"), ("A &amp; B", "&amp;"), ("it&#39;s", "&#39;"),
    ("a &hellip; b", "&hellip;"),
    ("a < b & c; <3 <sigh> &c;", nil),
  ])
  func `markup that is not read is told, unless that is asked for`(
    text: String, markup: String?
  ) throws {
    let path = try bench.file(
      "a.tsv", "text\tlabel\n" + (0..<20).map { "\(text) \($0)\t\($0 % 2)\n" }.joined())
    func warnings(_ markup: MarkupFormat?) throws -> [String] {
      try own { $0.markup = markup }.read(path: path).report.warnings.filter { $0.contains("HTML") }
    }
    #expect(
      try warnings(nil)
        == (markup.map {
          [
            "20 texts contain HTML such as “\($0)”; --markup html converts it to text, --markup none "
              + "keeps it without this warning"
          ]
        } ?? []))
    #expect(try warnings(MarkupFormat.none) == [])
  }

  @Test func `the texts of several columns are joined with spaces`() throws {
    let path = try bench.file(
      "a.csv", "n,title,body\n" + (0..<20).map { "\($0 % 2),T\($0),\"b, \($0)\"\n" }.joined())
    let result = try own {
      ($0.textColumns, $0.labelColumn) = (["title", "body"], "n")
    }.read(path: path)
    #expect(rows(result).contains("T3 b, 3 = 1") && result.report.kept == 20)
    let twice = try userError {
      _ = try own { ($0.textColumns, $0.labelColumn) = (["body", "body"], "n") }.read(path: path)
    }
    #expect(twice.exitStatus == .usage)
  }

  @Test(arguments: [("a.txt", TableFormat.auto), ("train.valid", .auto), ("a.csv", .fastText)])
  func `fastText's format is read as it is`(name: String, format: TableFormat) throws {
    let lines = (0..<20).map { number in
      let label = number % 2 == 0 ? "__label__Very_Good" : "__label__bad"
      return number % 3 == 0 ? "a film \(number) \(label)\r" : "\(label)\ta film \(number)"
    }
    let path = try bench.file(name, "\n__label__bad a film 1\n" + lines.joined(separator: "\n"))
    let result = try own { $0.format = format }.read(path: path)
    #expect(result[.train].classNames == ["Very_Good", "bad"])
    #expect(
      rows(result).contains("a film 2 = Very_Good") && rows(result).contains("a film 3 = bad"))
  }

  @Test func `without a line of names the names are given`() throws {
    let body = (0..<20).map { "\"\($0 % 2)\",\"a, title\",\"row \($0)\"\n" }.joined()
    let path = try bench.file("a.csv", body)
    let ingestion = try own { $0.header = "label,title,text" }.read(path: path)
    #expect(ingestion.report.read == 20 && rows(ingestion).contains("row 3 = 1"))
    let few = try userError {
      _ = try own { $0.header = "label,text" }.read(path: path)
    }
    #expect(few.description.hasPrefix("\(path): line 1: 3 fields\n  expected: 2, as --header"))
  }
}

/// Options for the task `own`.
func own(_ change: (inout TableOptions) -> Void = { _ in }) -> IngestOptions {
  var options = IngestOptions()
  options.table.name = "own"
  change(&options.table)
  return options
}

/// Every text with its class, whatever the split, sorted.
func rows(_ ingestion: IngestResult) -> [String] {
  ingestion.shards.flatMap { shard in
    zip(shard.texts, shard.labels).map { "\($0) = \(shard.classNames[Int($1)])" }
  }.sorted()
}
