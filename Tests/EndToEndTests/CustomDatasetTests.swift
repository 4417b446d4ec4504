import Datasets
import Shards
import Foundation
import DLNC
import Testing
import Tokenization
import TestSupport

/// Three home-made tasks, from files as users have them to a report and to predictions.
@Suite(.serialized)
struct CustomDatasetTests {
  private struct Report: Decodable {
    struct Result: Decodable {
      struct Measure: Decodable { var mean: Double? }
      var task: String
      var splitScheme: String?
      var model: String
      var split: String
      var classNames: [String]
      var paper: Double?
      var accuracy: Measure

      enum CodingKeys: String, CodingKey {
        case task, model, split, paper, accuracy
        case splitScheme = "setup"
        case classNames = "labels"
      }
    }
    var results: [Result]
  }

  /// A folder in which the manifest has run.
  private func bench() throws -> TemporaryDirectory {
    let bench = try Project.bench()
    let run = try Project.run("pipeline", ["run", "pipelines/own.yaml"], in: bench)
    try #require(run.status == 0, "\(run.error)")
    return bench
  }

  /// The rows of an answer, cut at tabs, without the line of names.
  private func cells(_ output: String) -> [[String]] {
    output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func `a CSV, JSON lines and folders become a report, and new texts get its probabilities`()
    throws
  {
    let bench = try bench()
    let text = try #require(bench.read("runs/own/report/report.json"))
    let results = try JSONDecoder().decode(Report.self, from: Data(text.utf8)).results
    let tests = results.filter { $0.split == "test" }
    #expect(
      Set(tests.map { "\($0.model) \($0.task) \($0.splitScheme ?? "")" }) == [
        "dlnc reviews ", "dlnc moods official", "dlnc films ", "bag-of-words reviews ",
        "bag-of-words moods official",
      ])
    for result in tests { #expect((result.accuracy.mean ?? 0) > 0.8, "\(result)") }
    #expect(
      Set(tests.map(\.classNames)) == [
        ["negative", "neutral", "positive"], ["anger", "fear", "joy", "sadness"],
        ["disliked", "liked"],
      ])
    // The report is about these tasks and files, and not about a paper.
    #expect(results.allSatisfy { $0.paper == nil })
    for name in ["report.md", "report.html"] {
      let page = try #require(bench.read("runs/own/report/\(name)"))
      #expect(!page.lowercased().contains("paper") && !page.contains("igure 2"))
      for file in ["own-reviews.csv", "own-moods.jsonl", "own-films.zip"] {
        #expect(page.contains("Read from \(file) (SHA-256 "))
      }
      #expect(page.contains("gets ") && page.contains(" of the 96 test rows right"))
      #expect(page.contains("with the greatest weights "))
    }
    #expect(!bench.has("runs/own/report/figures/figure-2.svg"))

    try expectReportedProbabilities(
      in: bench, of: "train", task: "reviews",
      ["--column", "review", "fixtures/own-reviews.csv"])
    try expectReportedProbabilities(
      in: bench, of: "train", task: "moods",
      ["--column", "body", "--markup", "tweet", "fixtures/own-moods.jsonl"])
    try expectBadRows(in: bench)
  }

  /// The user's own file given to `predict`: each test row gets what `evaluate` computed for it.
  private func expectReportedProbabilities(
    in bench: TemporaryDirectory, of model: String, task: String, _ arguments: [String]
  ) throws {
    let run = try Project.run(
      "predict",
      ["--checkpoint", "runs/own/\(model)", "--task", task, "--with-text", "-q"] + arguments,
      in: bench)
    #expect(run.status == 0, "\(run.error)")
    let answers = Dictionary(
      cells(run.output).map { ($0.last ?? "", Array($0.dropFirst(3).dropLast())) },
      uniquingKeysWith: { $1 })
    let examples = try TextShard(path: bench("runs/own/\(task)/test.safetensors"))
    let shard = try #require(
      try TokenizedDataset(path: bench("runs/own/vocab")).shard(task, .test))
    let expected = try trainedModel(at: bench("runs/own/\(model)")).classify(shard, threads: 2)
      .probabilities
    let classes = shard.classNames.count
    #expect(examples.count > 50 && expected.count == examples.count * classes)
    for row in 0..<examples.count {
      let text = String(decoding: examples.row(row), as: UTF8.self)
      #expect(
        answers[text] == expected[row * classes..<(row + 1) * classes].map { "\($0)" }, "\(text)")
    }
  }

  /// What is wrong with an untidy table is told, or passed over.
  private func expectBadRows(in bench: TemporaryDirectory) throws {
    let arguments = ["--checkpoint", "runs/own/train", "--task", "reviews", "-q", "--with-text"]
    func predict(_ more: String...) throws -> (status: Int32, output: String, error: String) {
      try Project.run("predict", arguments + more + ["fixtures/own-untidy.csv"], in: bench)
    }
    let stopped = try predict()
    #expect(stopped.status == 65 && cells(stopped.output).map { $0[0] } == ["2"])
    #expect(
      stopped.error == """
        predict: fixtures/own-untidy.csv: line 3: 5 fields
          expected: 4: text, label, note, note
          what to do: put fields that contain “;” in quotes and remove it at the end of the row, or pass \
        over such lines with --on-error skip

        """)
    let skipped = try predict("--on-error", "skip")
    #expect(skipped.status == 0 && cells(skipped.output).count == 35)
    #expect(
      skipped.error.contains(
        "line 5, column 4: a quote inside a field that does not begin with one, expected "))
    #expect(cells(skipped.output)[3].last == "Three \"quoted\" lines; one row.")
    let unknown = try predict("--column", "note")
    #expect(unknown.status == 65)
    #expect(unknown.error.contains("line 1: several columns “note”\n  expected: one column “note”"))
  }

  @Test func `what ingest cannot read is refused and nothing is written`() throws {
    let bench = try Project.bench()
    try bench.write("text,label\nfine,1\n\"open,2\n", to: "open.csv")
    for refused in Self.refused { try refused.check(in: bench) }
  }

  private static let hint =
    "name the columns with --text-column (once for each) and --label-column; for a file without "
    + "a line of names give the names with --header"
  private static let refused = [
    Refused(
      "ingest --archive fixtures/own-reviews.csv --name reviews --label-column rating --output out",
      65,
      """
      ingest: fixtures/own-reviews.csv: line 1: the columns “id”, “stars”, “review”, “note”
        expected: one column each: “text”, “rating”
        what to do: \(hint)

      """),
    Refused(
      "ingest --archive fixtures/own-reviews.csv --text-column review --output out", 64,
      """
      ingest: --name: no name
        expected: a name for your task of letters, digits, - and _, such as --name reviews

      """),
    Refused(
      "ingest --archive fixtures/own-untidy.csv --name mine --output out", 65,
      """
      ingest: fixtures/own-untidy.csv: line 3: 5 fields
        expected: 4: text, label, note, note
        what to do: put fields that contain “;” in quotes and remove it at the end of the row, or pass \
      over such rows with --on-error skip

      """),
    Refused(
      "ingest --archive open.csv --name mine --on-error skip --output out", 65,
      """
      ingest: open.csv: line 3, column 1: a quote that nothing closes
        expected: a closing quote
        what to do: correct the row; the rows after it cannot be found

      """),
    Refused(
      "ingest --archive fixtures/own-films.zip --name films --format csv --output out", 65,
      """
      ingest: fixtures/own-films.zip: films/*/*.txt: line 1: the columns *
        expected: one column each: “text”, “label”
        what to do: leave out a file without labels, or \(hint); another delimiter than ',', ';', tab, '|' is named with --delimiter

      """),
    Refused(
      "ingest --archive fixtures/own-films.zip --name films --test 500 --train 1 --validation 1 "
        + "--output out", 65,
      """
      ingest: fixtures/own-films.zip: 200 rows
        expected: 502, as --train, --validation and --test ask for
        what to do: ask for fewer rows, or leave --train out to take the rest

      """),
    .usage(
      "ingest --archive fixtures/own-films.zip --name films --test 1.5 --output out",
      "The value '1.5' is invalid for '--test <test>': expected a number of rows such as 200, or a share such as 0.2 or 20%"
    ),
  ]
}
