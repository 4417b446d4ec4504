import Foundation
import Shards
import Testing

@testable import Evaluation

/// Reports of more classes than a matrix can show.
struct ManyClassesTests {
  /// A report in which the rows of class 0 are confused with class 1, those of class 2 with class 3
  /// half of the time, and all others are recognized.
  private func report(_ classes: Int, rowsOfEach: Int = 4) throws -> Report {
    let names = (0..<classes).map { "class-\($0)" }
    let task = EvaluationTask(name: "many")
    let labels = (0..<classes * rowsOfEach).map { $0 % classes }
    let predicted = labels.enumerated().map { row, label in
      label == 0 ? 1 : label == 2 && row / classes % 2 == 0 ? 3 : label
    }
    let runs = try [Split.train, .test].map {
      try predictions(predicted, labels: labels, classNames: names, task: task, split: $0)
    }
    let datasets = [Split.train, .test].map {
      DatasetSummary(
        task: task, split: $0, classNames: names, rows: names.indices.map { $0 + 1 }, tokens: 9)
    }
    return try Report(title: "t", ReportInput(predictions: runs, datasets: datasets))
  }

  private func result(_ report: Report) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any]
    return try #require((json?["results"] as? [[String: Any]])?.last)
  }

  @Test func `20 classes have a matrix whose cells are legible`() throws {
    let report = try report(20)
    let result = try result(report)
    #expect((result["confusion"] as? [[Int]])?[2].prefix(4) == [0, 0, 2, 2])
    #expect(report.markdown().contains("| True \\\\ predicted |"))
    let matrix = try #require(report.figures().first { $0.name.hasPrefix("confusion") })
    // Shrunk to the width of other charts, its numbers would be tiny.
    #expect(matrix.isWide && matrix.svg().contains(">50 %</text>"))
    #expect(report.html().contains("<figure class=\"wide\" role=\"group\""))
  }

  @Test func `21 classes have lists of the worst classes and confusions`() throws {
    let report = try report(21)
    let result = try result(report)
    #expect(result["confusion"] is [[Int]])
    #expect(try self.result(self.report(26))["confusion"] is NSNull)
    #expect(result["confusions"] as? [[Int]] == [[0, 1, 4], [2, 3, 2]])
    #expect((result["classes"] as? [Any])?.count == 21)
    let text = report.markdown()
    #expect(!text.contains("True \\\\ predicted"))
    #expect(
      text.contains(
        "Of 21 classes, 21 have rows. Their F1 is 0 for 1, below 50 % for 0, 50 to 80 % for 2, and 80 % "
          + "or more for 18."))
    #expect(
      text.contains(
        "| class-0 | 4 | – | 0.0 | **0.0** |\n| class-1 | 4 | 50.0 | 100.0 | **66.7** |\n"))
    #expect(
      text.contains("| class-0 | class-1 | **4** | 100.0 |\n| class-2 | class-3 | **2** | 50.0 |"))
    #expect(text.contains("| 21 classes of 1 to 21 rows each |"))
    let page = report.html()
    #expect(HTMLElements(page).problem == nil && page.contains("The most frequent confusions."))
    let kinds = Set(report.figures().map { $0.name.split(separator: "_")[0] })
    #expect(kinds == ["accuracy", "coverage", "reliability"])
  }

  @Test func `without confusions there is no list of them`() throws {
    let names = (0..<30).map { "class-\($0)" }
    let run = try predictions(Array(0..<30), labels: Array(0..<30), classNames: names)
    let report = try Report(title: "t", ReportInput(predictions: [run]))
    #expect(!report.markdown().contains("% of true"))
    #expect(!report.html().contains("most frequent confusions"))
  }

  @Test func `500 and 2,000 classes make small reports`() throws {
    for (classes, limit) in [(500, 500_000), (2000, 2_000_000)] {
      let report = try report(classes)
      #expect(report.html().utf8.count < 100_000)
      #expect(report.markdown().utf8.count < 20_000)
      #expect(report.json().utf8.count < limit)
      #expect(report.figures().allSatisfy { $0.svg().utf8.count < 20_000 })
    }
  }

  @Test func `a sparse matrix has the counts of a full one`() throws {
    let run = try predictions([0, 1, 1, 2, 2], labels: [0, 0, 1, 1, 2])
    var matrix = ConfusionMatrix(run)
    matrix += ConfusionMatrix(run)
    #expect(matrix.total == 10 && matrix.correct == 6)
    #expect((0..<3).map(matrix.actualCount) == [4, 4, 2])
    #expect((0..<3).map(matrix.predictedCount) == [2, 4, 4])
    #expect(
      matrix.confusions == [
        .init(actual: 0, predicted: 1, rows: 2), .init(actual: 1, predicted: 2, rows: 2),
      ])
  }

  @Test(arguments: [
    ("dlnc", [0, 0, 0, 0], true), ("dlnc", [1, 0, 0, 1], true), ("dlnc", [0, 0, 0, 1], false),
    ("majority", [0, 0, 0, 0], false),
  ])
  func `a model that is not better than its most frequent class is named`(
    model: String, predicted: [Int], isNamed: Bool
  ) throws {
    func report(_ times: Int) throws -> Report {
      let run = try predictions(
        (0..<times).flatMap { _ in predicted }, labels: (0..<times).flatMap { _ in [0, 0, 0, 1] },
        variant: ModelVariant(model))
      return try Report(title: "t", ReportInput(predictions: [run]))
    }
    // Of few rows, chance decides.
    #expect(try report(7).warnings == [])
    let report = try report(8)
    #expect(report.warnings.count == (isNamed ? 1 : 0))
    #expect(
      report.notes == report.warnings && EvaluationSummary(report).warnings == report.warnings)
    #expect(
      report.warnings.allSatisfy {
        $0.hasPrefix("Yelp, DLNC: the test accuracy of") && $0.contains("class, 75.0 %")
      })
  }
}
