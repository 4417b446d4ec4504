import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Options of the user's own text with any number of labels a row.
func multiLabel(_ change: (inout TableOptions) -> Void = { _ in }) -> IngestOptions {
  var options = own(change)
  options.isMultiLabel = true
  return options
}

/// Every text with its labels, whatever the split, sorted.
func labelSets(_ ingestion: IngestResult) -> [String] {
  ingestion.shards.flatMap { shard in
    zip(shard.texts, 0..<shard.count).map { text, row in
      "\(text) = " + shard.classes(of: row).map { shard.classNames[Int($0)] }.joined(separator: "|")
    }
  }.sorted()
}

/// Tables, JSON and fastText's format with any number of labels a row.
struct MultiLabelTableTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// The sets that the rows have in turn.
  private static let sets = [["a", "b"], [], ["b"], ["c", "a"], ["a"]]
  private static let expected = (0..<40).map {
    "row \($0) = " + sets[$0 % sets.count].sorted().joined(separator: "|")
  }.sorted()

  /// Forty rows in lines.
  private func lines(_ row: (_ number: Int, _ labels: [String]) -> String) -> String {
    (0..<40).map { row($0, Self.sets[$0 % Self.sets.count]) + "\n" }.joined()
  }

  private func read(
    _ name: String, _ content: String, _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> IngestResult {
    try multiLabel(change).read(path: try bench.file(name, content))
  }

  @Test func `lists, cells with a separator and columns of 0 and 1 give the same rows`() throws {
    let lists = lines { #"{"id":\#($0),"text":"row \#($0)","label":\#($1)}"# }
    let joined = lines { #"{"text":"row \#($0)","label":"\#($1.joined(separator: "; "))"}"# }
    let cells = "text,label\n" + lines { "row \($0),\($1.joined(separator: " | "))" }
    let tabs = "text\tlabel\n" + lines { "row \($0)\t\($1.joined(separator: "->"))" }
    let flags =
      "text,a,b,c\n"
      + lines { number, labels in
        (["row \(number)"] + ["a", "b", "c"].map { labels.contains($0) ? "1" : "0" })
          .joined(separator: ",")
      }
    for (name, content, separator, columns) in [
      ("a.jsonl", lists, nil, nil),
      ("a.json", "[\(lists.split(separator: "\n").joined(separator: ","))]", nil, nil),
      ("b.jsonl", joined, ";", nil), ("a.csv", cells, "|", nil), ("a.tsv", tabs, "->", nil),
      ("b.csv", flags, nil, "c,b,a"),
    ] {
      let result = try read(name, content) {
        ($0.labelSeparator, $0.labelColumns) = (separator, columns)
      }
      #expect(labelSets(result) == Self.expected, "\(name)")
      #expect(result[.train].classNames == ["a", "b", "c"], "\(name)")
      #expect(result.shards.allSatisfy { $0.isMultiLabel && $0.labels.allSatisfy { $0 == -1 } })
    }
    // A separator says that there are several labels.
    #expect(
      try labelSets(own { $0.labelSeparator = "|" }.read(path: bench("a.csv"))) == Self.expected)
  }

  @Test func `a line of fastText's format has one or more labels`() throws {
    let content = lines { number, labels in
      (labels.isEmpty ? ["none"] : labels).map { "__label__\($0) " }.joined() + "row \(number)"
    }
    let result = try read("a.txt", content)
    #expect(
      labelSets(result)
        == Self.expected.map { $0.hasSuffix("= ") ? $0 + "none" : $0 })
    for (line, problem) in [
      ("a text", "no label"), ("__label__a,__label__b x", "2 labels joined by commas"),
    ] {
      let error = try userError { _ = try read("a.txt", content + line + "\n") }
      #expect(error.problem.hasPrefix(problem) && error.location.hasSuffix(": line 41"))
    }
  }

  @Test func `the report counts rows without a label, rows of each class and labels a row`() throws
  {
    let result = try read("a.jsonl", lines { #"{"text":"row \#($0)","label":\#($1)}"# })
    let source = try #require(result.report.source.first)
    #expect(source.rows == 40 && source.withoutLabel == 8 && source.labelsPerRow == 1.2)
    #expect(source.classes.map(\.rows) == [24, 16, 8])
    #expect(
      result.report.text.contains(
        "\n  rows: 40 rows (a 24, b 16, c 8; 8 without a label, 1.20 labels a row)\n"))
    #expect(result.report.splits.map(\.withoutLabel) == [6, 1, 1])
    #expect(result.report.kept == 40)
    // Tasks with one label a row have none of this.
    let single = try own().read(
      path: bench.file(
        "a.csv", "text,label\n" + lines { number, _ in "row \(number),\(number % 2)" }))
    #expect(single.report.source.first?.withoutLabel == nil)
  }

  @Test
  func `null, blank cells and numbers are labels as they are elsewhere, equal ones count once`()
    throws
  {
    let rows = [
      #"{"text":"x","label":null}"#, #"{"text":"y","label":"  "}"#,
      #"{"text":"z","label":[1,2,1]}"#,
      #"{"text":"u","label":3}"#, #"{"text":"v","label":["a"," a "]}"#,
    ]
    let result = try read(
      "a.jsonl", lines { #"{"text":"row \#($0)","label":\#($1)}"# } + rows.joined(separator: "\n"))
    #expect(
      labelSets(result) == (Self.expected + ["x = ", "y = ", "z = 1|2", "u = 3", "v = a"]).sorted())
    #expect(result.report.source.first?.classes.map(\.rows) == [1, 1, 1, 25, 16, 8])
  }

  @Test func `a map joins labels, and a label that it lacks is dropped from its row`() throws {
    let content = lines { #"{"text":"row \#($0)","label":\#($1)}"# }
    let result = try read("a.jsonl", content) { $0.labels = "b=good,a=good" }
    #expect(
      labelSets(result)
        == (0..<40).map { "row \($0) = \($0 % 5 == 1 ? "" : "good")" }.sorted())
    #expect(
      result.report.droppedLabels == [.init(name: "the label “c” is not in --labels", rows: 8)])
    #expect(result.report.dropped.isEmpty && result.report.kept == 40)
    #expect(
      result.report.text.contains("\n  dropped from 8 rows: the label “c” is not in --labels\n"))
    let other = try userError { _ = try read("a.jsonl", content) { $0.labels = "d,e" } }
    #expect(
      other.problem
        == "no row of any class; dropped from 24: the label “a” is not in --labels; dropped from 16: the "
        + "label “b” is not in --labels; dropped from 8: the label “c” is not in --labels")
    #expect(other.expected == "rows with a label")
  }

  @Test func `one class that rows have or have not is a task, no class is none`() throws {
    let one = (0..<40).map { "row \($0),\($0 % 2 == 0 ? "a" : "")\n" }.joined()
    #expect(try read("a.csv", "text,label\n" + one).report.source[0].withoutLabel == 20)
    let none = (0..<40).map { "row \($0),\n" }.joined()
    let error = try userError { _ = try read("a.csv", "text,label\n" + none) }
    #expect((error.problem, error.expected) == ("no row of any class", "rows with a label"))
  }

  @Test(arguments: [
    ("a.csv", "x,a||b", "an empty label in “a||b”"), ("a.csv", "x,a| ", "an empty label in “a| ”"),
    ("a.csv", "x,|", "an empty label in “|”"),
    ("a.jsonl", #"{"text":"x","label":["a",""]}"#, "an empty label in “a, ”"),
    ("a.jsonl", #"{"text":"x","label":["a","\u00a0"]}"#, "an empty label in “a, \u{A0}”"),
    ("a.jsonl", #"{"text":"x","label":["a",null]}"#, "null among the labels under “label”"),
    ("a.jsonl", #"{"text":"x","label":["a",["b"]]}"#, "a list among the labels under “label”"),
    ("a.jsonl", #"{"text":"x","label":["a",{"b":1}]}"#, "an object among the labels under “label”"),
  ])
  func `labels without a name are an error with its line, or skipped`(
    name: String, line: String, problem: String
  ) throws {
    let good =
      name == "a.csv"
      ? "text,label\n" + lines { "row \($0),\($1.joined(separator: "|"))" }
      : lines { #"{"text":"row \#($0)","label":\#($1)}"# }
    let error = try userError {
      _ = try read(name, good + line + "\n") { $0.labelSeparator = "|" }
    }
    #expect(error.problem == problem && error.exitStatus == .data)
    #expect(error.location == bench(name) + ": line \(name == "a.csv" ? 42 : 41)")
    let skipped = try read(name, good + line + "\n") {
      ($0.labelSeparator, $0.onError) = ("|", .skip)
    }
    #expect(labelSets(skipped) == Self.expected && skipped.report.dropped("a bad row") == 1)
  }

  @Test func `a value that is neither 0 nor 1 is an error in a column of a class`() throws {
    let error = try userError {
      _ = try read("a.csv", "text,a,b\nx,1,1\ny,0,2\n") { $0.labelColumns = "a,b" }
    }
    #expect(error.problem == "“2” under “b”" && error.location.hasSuffix(": line 3"))
  }

  @Test func `without the flag several labels are an error that names it`() throws {
    for (name, content) in [
      ("a.jsonl", #"{"text":"x","label":["a","b"]}"#), ("a.txt", "__label__a __label__b x\n"),
    ] {
      let error = try userError { _ = try own().read(path: try bench.file(name, content)) }
      #expect(error.hint?.hasPrefix("read all of them with --multi-label") == true, "\(name)")
    }
  }

  @Test func `flags that contradict each other are refused`() throws {
    let path = try bench.file("a.csv", "text,label\nx,a\n")
    for (change, location, problem): ((inout IngestOptions) -> Void, String, String) in [
      ({ $0.table.labelSeparator = "" }, "--label-separator", "an empty text"),
      (
        { ($0.table.labelSeparator, $0.table.labelColumns) = ("|", "a,b") }, "--label-separator",
        "given beside --label-columns"
      ),
      (
        { ($0.table.labelSeparator, $0.table.format) = ("|", .folders) }, "--label-separator",
        "given for the format folders"
      ),
      (
        { ($0.table.labelSeparator, $0.table.format) = ("|", .doccano) }, "--label-separator",
        "given for the format doccano"
      ),
      ({ $0.dataset = .imdb }, "--multi-label", "given for the data set imdb"),
      ({ $0.dataset = .yelp }, "--multi-label", "given for the data set yelp"),
    ] {
      var options = multiLabel()
      change(&options)
      if options.dataset != nil { options.table = TableOptions() }
      let error = try userError { _ = try options.read(path: path) }
      #expect((error.location, error.problem) == (location, problem))
      #expect(error.exitStatus == .usage)
    }
  }

  @Test func `the fixture of tickets has rows without a tag and a tag that is written twice`()
    throws
  {
    let result = try multiLabel {
      ($0.textColumns, $0.labelColumn, $0.idColumn) = (["body"], "tags", "key")
    }.read(path: fixture("own-tickets.jsonl"))
    #expect(result[.train].classNames == ["billing", "damage", "delivery", "login", "refund"])
    let source = try #require(result.report.source.first)
    #expect(source.rows == 300 && source.withoutLabel == 80)
    #expect(source.classes.map(\.rows) == [101, 27, 100, 85, 45])
  }
}
