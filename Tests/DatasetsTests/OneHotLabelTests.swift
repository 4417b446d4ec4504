import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Labels in several columns of 0 and 1, one for each class.
struct OneHotLabelTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func ingest(
    _ file: String, _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> IngestResult {
    try own {
      ($0.labelColumns, $0.labels) = ("a, c", "a,c")
      change(&$0)
    }.read(path: bench(file))
  }

  @Test func `the name of the column with the 1 is the class, in all formats`() throws {
    let values = (0..<20).map { ($0 % 2, 1 - $0 % 2) }
    let numbered = values.enumerated()
    try bench.file(
      "a.csv", "a,text,c\n" + numbered.map { "\($1.0).0,row \($0),\($1.1)\n" }.joined())
    try bench.file(
      "a.tsv", "a\ttext\tc\n" + numbered.map { "\($1.0 == 1)\trow \($0)\t\($1.1 == 1)\n" }.joined())
    try bench.file(
      "a.jsonl",
      numbered.map { #"{"text":"row \#($0)","a":\#($1.0 == 1),"c":\#($1.1)}"# + "\n" }.joined())
    let expected = Set((0..<20).map { "row \($0) = \($0 % 2 == 1 ? "a" : "c")" })
    for file in ["a.csv", "a.tsv", "a.jsonl"] {
      #expect(try Set(rows(ingest(file))) == expected, "\(file)")
    }
  }

  @Test(arguments: [
    ("0,0", "no 1 under “a”, “c”", "1 in the column of the class", "a row of no class"),
    (
      "1,1", "2 labels: “a”, “c”", "one label a text", "a text with several labels"
    ),
    ("1,2", "“2” under “c”", "0 or 1, as in each of --label-columns", "a bad row"),
    ("1,", "“” under “c”", "0 or 1, as in each of --label-columns", "a bad row"),
  ])
  func `a row without exactly one 1 is an error with its line, or skipped`(
    row: String, problem: String, expected: String, kind: String
  ) throws {
    let good = (0..<20).map { "row \($0),\($0 % 2),\(1 - $0 % 2)\n" }.joined()
    try bench.file("a.csv", "text,a,c\n\(good)bad,\(row)\n")
    let error = try userError { _ = try ingest("a.csv") }
    #expect(error.location == bench("a.csv") + ": line 22" && error.exitStatus == .data)
    #expect((error.problem, error.expected ?? "") == (problem, expected))
    #expect(error.hint?.hasSuffix("or pass over such rows with --on-error skip") == true)
    let report = try ingest("a.csv") { $0.onError = .skip }.report
    #expect(report.kept == 20 && report.dropped(kind) == 1)
  }

  @Test func `the columns are two or more, and no label beside them`() throws {
    try bench.file("a.csv", "text,a,c\none,1,0\n")
    for (columns, label, problem) in [
      ("a", nil, "“a”"), ("a,", nil, "“a,”"), ("a,c", "a", "given beside --label-column"),
    ] {
      let error = try userError {
        _ = try ingest("a.csv") { ($0.labelColumns, $0.labelColumn) = (columns, label) }
      }
      #expect((error.location, error.problem) == ("--label-columns", problem))
      #expect(error.exitStatus == .usage)
    }
    let missing = try userError { _ = try ingest("a.csv") { $0.labelColumns = "a,d" } }
    #expect(missing.exitStatus == .data && missing.hint?.contains("--label-columns") == true)
  }

  @Test(arguments: [TableFormat.folders, .fastText, .prodigy])
  func `formats without columns reject the flag`(format: TableFormat) throws {
    try bench.file("a.csv", "text,a,c\none,1,0\n")
    let error = try userError { _ = try ingest("a.csv") { $0.format = format } }
    #expect((error.location, error.exitStatus) == ("--label-columns", .usage))
  }
}
