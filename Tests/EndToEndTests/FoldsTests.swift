import Foundation
import Shards
import TestSupport
import Testing

/// `pipelines/folds.yaml`: cross-validation from a table to a report and to a model for use.
struct FoldsTests {
  private struct Report: Decodable {
    struct Result: Decodable {
      struct Measure: Decodable {
        var mean: Double
        var low: Double
      }
      var model: String
      var setup: String
      var split: String
      var rows: Int
      var accuracy: Measure
    }
    struct CrossValidation: Decodable {
      struct Fold: Decodable {
        var fold: Int
        var accuracy: Double
      }
      var model: String
      var rows: Int
      var accuracies: [Fold]
      var use: [String]
    }
    struct Comparison: Decodable {
      var rows: Int
      var test: String
    }
    struct Data: Decodable {
      var split: String
      var rows: [Int]
    }
    var notes: [String]
    var results: [Result]
    var crossValidation: [CrossValidation]
    var comparisons: [Comparison]
    var data: [Data]
  }

  @Test func `folds become one result over all rows, and a model that learned from all rows`()
    throws
  {
    let bench = try Project.bench()
    let run = try Project.run(
      "pipeline", ["run", "pipelines/folds.yaml", "--jobs", "2"], in: bench)
    try #require(run.status == 0, "\(run.error)")
    let text = try #require(bench.read("runs/folds/report/report.json"))
    let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))

    // Each row of the table is tested once.
    let tested = try (1...5).map { fold in
      try TextShard(path: bench("runs/folds/reviews/fold=\(fold)/test.safetensors")).count
    }
    #expect(
      tested == [96, 96, 96, 96, 96] && !bench.has("runs/folds/reviews/fold=all/test.safetensors"))
    #expect(report.results.map(\.model) == ["dlnc", "bag-of-words"])
    for result in report.results {
      #expect(result.setup == "5-fold cross-validation" && result.split == "test")
      #expect(result.rows == 480 && result.accuracy.low < result.accuracy.mean)
      #expect(result.accuracy.mean > 0.8)
    }
    #expect(report.comparisons.map(\.rows) == [480] && report.data.map(\.rows) == [[199, 86, 195]])
    for (folded, result) in zip(report.crossValidation, report.results) {
      #expect(folded.accuracies.map(\.fold) == [1, 2, 3, 4, 5] && folded.rows == 480)
      let mean = folded.accuracies.reduce(0) { $0 + $1.accuracy } / 5
      #expect(abs(mean - result.accuracy.mean) < 1e-5)
    }
    #expect(report.crossValidation.map(\.use) == [["train/fold=all"], ["bag-of-words/fold=all"]])
    #expect(report.notes[0].hasPrefix("reviews: 5-fold cross-validation, 480 rows. "))
    // The title and the sources are those of the pooled results.
    let page = try #require(bench.read("runs/folds/report/report.md"))
    #expect(page.contains("Read from own-reviews.csv (SHA-256 "))
    let summary = try #require(bench.read("runs/folds/report/summary.txt"))
    #expect(summary.contains("reviews: 5-fold cross-validation, 480 rows."))

    // The model for use works, and a second run has nothing to do.
    let predict = try Project.run(
      "predict",
      [
        "-q", "--checkpoint", "runs/folds/train/fold=all", "--column", "review",
        "fixtures/own-reviews.csv",
      ],
      in: bench)
    #expect(predict.status == 0 || predict.status == 65, "\(predict.error)")
    let again = try Project.run("pipeline", ["run", "pipelines/folds.yaml"], in: bench)
    #expect(again.status == 0 && !again.error.contains(": done in"), "\(again.error)")
  }

  @Test func `all folds at once are what the pipeline makes of each`() throws {
    let bench = try Project.bench()
    let arguments =
      "-q --archive fixtures/own-films.zip --name films --markup html --folds 3 --output"
    let all = try Project.run(
      "ingest", arguments.split(separator: " ").map(String.init) + ["films"], in: bench)
    #expect(all.status == 0, "\(all.error)")
    let lines = all.output.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("films: ") } == 1)
    let folds = try #require(all.output.wholeMatch(of: /(?s).*\nwritten:\n(.*)/)).1
    #expect(
      folds.matches(of: /(?m)^  fold=([123]): train \d+, validation \d+, test \d+ rows$/).count == 3
    )
    #expect(folds.contains(#/  fold=all: train \d+, validation \d+ rows\n$/#), "\(all.output)")
    for fold in ["1", "2", "3", "all"] {
      let one = try Project.run(
        "ingest", arguments.split(separator: " ").map(String.init) + ["one", "--fold", fold],
        in: bench)
      #expect(one.status == 0, "\(one.error)")
      for name in ["train", "validation"] + (fold == "all" ? [] : ["test"]) {
        #expect(
          FileManager.default.contents(atPath: bench("one/\(name).safetensors"))
            == FileManager.default.contents(atPath: bench("films/fold=\(fold)/\(name).safetensors"))
        )
      }
    }
  }
}
