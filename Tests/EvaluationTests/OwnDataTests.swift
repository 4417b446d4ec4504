import Foundation
import Shards
import Testing

@testable import Evaluation

/// The report of a user's own data.
struct OwnDataTests {
  @Test(arguments: [(2, 1), (6, 9), (20, 1), (200, 9)])
  func `it is about the data and its files, and about no paper`(classes: Int, models: Int) throws {
    let report = try OwnDataReport(classes: classes, models: models).report()
    for text in [report.markdown(), report.html(), report.json()] {
      #expect(
        text.contains("DLNC") && text.contains(" of the 400 test rows right (95 % interval: "))
      #expect(text.contains("tickets.csv") && text.contains("was charged"))
    }
    for text in [report.markdown(), report.html()] {
      #expect(!text.lowercased().contains("paper") && !text.contains("ours"))
    }
    let page = HTMLElements(report.html())
    #expect(page.problem == nil && Set(page.ids).count == page.ids.count)
    #expect(Set(page.references).isSubset(of: Set(page.ids)))
  }

  @Test func `confusions are a matrix of up to 20 classes, and a list of pairs`() throws {
    for (classes, isMatrix, isList) in [(2, true, false), (6, true, true), (21, false, true)] {
      let text = try OwnDataReport(classes: classes, models: 1).report().markdown()
      #expect(text.contains("| True \\\\ predicted |") == isMatrix)
      #expect(text.contains("| True | Predicted | Count | % of true |") == isList)
    }
  }

  /// Rows of which `models` get the given numbers right, all of class “a” but `others`.
  private func headline(
    _ models: [(name: String, correct: Int)], rows: Int = 200, others: Int = 60,
    split: Split = .test, task: String = "mine"
  ) throws -> [Predictions] {
    let labels = (0..<rows).map { $0 < others ? 1 : 0 }
    return try models.enumerated().map { index, model in
      try predictions(
        labels.enumerated().map { row, label in
          (row + index * 20) % rows < model.correct ? label : 1 - label
        }, labels: labels, classNames: ["a", "b"], variant: ModelVariant(model.name),
        task: EvaluationTask(name: task), split: split)
    }
  }

  private func text(_ runs: [Predictions]) throws -> String {
    let report = try Report(title: "t", ReportInput(predictions: runs))
    return report.headlines.map(\.text).joined(separator: "\n")
  }

  @Test func `the headline is the best model and its margins, with what chance can do`() throws {
    #expect(
      try text(headline([("dlnc", 190)]))
        == "DLNC gets 95.0 % of the 200 test rows right (95 % interval: 91.0 – 97.3 %). That is 25.0 "
        + "points more than always predicting “a”, which is more than chance (p < 0.001).")
    #expect(
      try text(headline([("dlnc", 186), ("bag-of-words", 190), ("majority", 140)]))
        .hasPrefix(
          "Bag of words is the best of 2 models: it gets 95.0 % of the 200 test rows right (95 % "
            + "interval: 91.0 – 97.3 %). That is 2.0 points more than the next best, DLNC, which can "
            + "be chance (p "))
    #expect(
      try text(headline([("dlnc", 195), ("lstm-linear", 180), ("bag-of-words", 150)]))
        .contains(
          "; 22.5 points more than Bag of words, which is more than chance (p < 0.001); and "))
    #expect(
      try text(headline([("dlnc", 140), ("bag-of-words", 140)]))
        .hasPrefix(
          "DLNC and Bag of words are the best of 2 models: each gets 70.0 % of the 200 test rows right "
        ))
  }

  @Test
  func `the model for new texts is the best on validation rows, if all were tested on them`()
    throws
  {
    func chosen(_ scores: [(name: String, accuracy: Double)]) throws -> [String] {
      var input = ReportInput(predictions: try headline([("dlnc", 190), ("bag-of-words", 180)]))
      input.validationScores = scores.map { name, accuracy in
        ValidationScore(
          variant: ModelVariant(name), task: EvaluationTask(name: "mine"), accuracy: accuracy)
      }
      return try Report(title: "t", input).headlines.map {
        "\($0.chosen.variant.name), \($0.chosen.split.rawValue)"
      }
    }
    #expect(try chosen([("dlnc", 0.8), ("bag-of-words", 0.85)]) == ["bag-of-words, validation"])
    #expect(try chosen([("bag-of-words", 0.8), ("dlnc", 0.8)]) == ["dlnc, validation"])
    #expect(try chosen([("bag-of-words", 0.8)]) == ["dlnc, test"])
    #expect(try chosen([]) == ["dlnc, test"])
  }

  @Test func `the headline says when rows are not for testing`() throws {
    let text = try self.text(
      headline([("dlnc", 190)]) + headline([("dlnc", 200)], split: .train, task: "learned")
        + headline([("dlnc", 180)], split: .validation, task: "chosen"))
    #expect(
      text.contains(
        "DLNC gets 100.0 % of the 200 training rows right (95 % interval: 98.1 – 100.0 %). These are "
          + "the rows that it learned from, so this says little about other texts.\n"))
    #expect(text.hasSuffix("The model was chosen on these rows, so this may be too high."))
  }

  @Test func `tasks without test rows are marked in the tables`() throws {
    let report = try Report(
      title: "t",
      ReportInput(
        predictions: headline([("dlnc", 190)])
          + headline([("dlnc", 180)], split: .validation, task: "chosen")
          + headline([("dlnc", 200)], split: .train, task: "learned")))
    let text = report.markdown()
    #expect(
      text.contains(
        "| Accuracy, % | mine | chosen: validation rows only | learned: training rows only |"))
    #expect(text.contains("200 validation. There are no test rows: this is validation accuracy."))
    #expect(text.contains("| Model | Validation accuracy |"))
    #expect(text.contains("| Model | Training accuracy | 95 % interval |"))
  }

  @Test func `the words are those of the best model that has weights`() throws {
    let task = EvaluationTask(name: "mine")
    func words(_ name: String) -> ClassWords {
      ClassWords(
        task: task, source: .weights(ModelVariant(name)), classNames: ["a", "b"],
        entries: [[.init(text: "of \(name)", weight: 1)], []])
    }
    func listed(_ candidates: [ClassWords]) throws -> String {
      let runs = try headline([("dlnc", 190), ("lstm-linear", 195), ("bag-of-words", 180)])
      return try Report(title: "t", ReportInput(predictions: runs, words: candidates)).markdown()
    }
    let text = try listed([words("bag-of-words"), words("dlnc")])
    #expect(text.contains("greatest weights of the n-gram layer in DLNC, the strongest first."))
    #expect(text.contains("| a | of dlnc |\n| b | – |\n"))
    #expect(try listed([words("bag-of-words")]).contains("greatest weights in Bag of words"))
    #expect(try !listed([]).contains("Words that speak"))
  }
}
