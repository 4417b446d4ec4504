import Shards
import Support
import Testing

@testable import DLNC
@testable import Evaluation

/// The predictions of the folds of a cross-validation, pooled into one result.
struct CrossValidationTests {
  private let task = EvaluationTask(name: "own", rowsSplitBy: Fold(1, of: 3).splitScheme)
  private let bag = ModelVariant("bag-of-words")

  /// The predictions of a model on a fold of four rows, of which the first ones are right.
  private func fold(
    _ correct: Int, _ variant: ModelVariant = ModelVariant("dlnc"), seed: Int = 1,
    classNames: [String] = ["a", "b"]
  ) throws -> Predictions {
    let labels = [0, 1, 0, 1]
    return try predictions(
      labels.enumerated().map { $0 < correct ? $1 : 1 - $1 }, labels: labels,
      textIDs: [0, 1, 1, 2],
      classNames: classNames, variant: variant, seed: seed, task: task)
  }

  private func report(_ folds: FoldEvaluations) throws -> Report {
    var input = ReportInput()
    try folds.pool(into: &input)
    return try Report(title: "", input)
  }

  @Test func `all folds are one task, and other schemes are their own`() {
    #expect(task.title == "own (3-fold cross-validation)")
    #expect(EvaluationTask(name: "own", rowsSplitBy: Fold(nil, of: 3).splitScheme) == task)
    #expect(EvaluationTask(name: "own", rowsSplitBy: "official").title == "own")
    #expect(EvaluationTask(name: "own", rowsSplitBy: "").title == "own")
  }

  @Test func `pooled predictions hold each row once, in the order of the folds`() throws {
    var second = try fold(2)
    second.texts[3] = "quoted"
    second.because[3] = [WordContribution(word: "quoted", by: 1)]
    let pooled = try #require(try Predictions(pooling: [try fold(4), second]))
    #expect(pooled.correct == [true, true, true, true, true, true, false, false])
    #expect(pooled.labels == [0, 1, 0, 1, 0, 1, 0, 1])
    // Texts of different folds are different texts.
    #expect(pooled.textIDs == [0, 1, 1, 2, 3, 4, 4, 5])
    #expect(pooled.texts == [7: "quoted"])
    #expect(pooled.because == [7: [WordContribution(word: "quoted", by: 1)]])
    #expect(try Predictions(pooling: []) == nil)
    #expect(throws: UserError.self) {
      try Predictions(pooling: [try fold(4), try fold(4, classNames: ["a", "c"])])
    }
  }

  @Test func `a report has pooled results and tests, the spread of the folds and the model to use`()
    throws
  {
    var folds = FoldEvaluations()
    for (number, correct) in [(3, 2), (1, 4), (2, 3)] {
      folds.add(try fold(correct), Fold(number, of: 3))
      folds.add(try fold(1, bag), Fold(number, of: 3))
    }
    folds.addFinalModel(ModelVariant("dlnc"), task, name: "train/fold=all")
    let report = try report(folds)
    let result = try #require(report.result(ModelVariant("dlnc"), task))
    #expect(result.rows == 12 && result.seeds == [1] && result.score?.mean == 0.75)
    #expect(result.score?.interval == .wilson(correct: 9, total: 12))
    #expect(report.comparisons.map(\.rows) == [12])
    #expect(report.comparisons[0].mcNemar == McNemar(onlyFirst: 6, onlySecond: 0))
    let folded = try #require(report.crossValidations.first)
    #expect(folded.scores.map(\.fold) == [1, 2, 3])
    #expect(folded.scores.map(\.score) == [1, 0.75, 0.5])
    #expect(folded.rows == 12 && folded.score == 0.75 && close(folded.deviation, 0.25))
    // None about folds.
    #expect(report.warnings.allSatisfy { $0.contains("always predicting the most frequent class") })
    #expect(
      report.notes[0].hasPrefix("own: 3-fold cross-validation, 12 rows. Each row was tested once"))
    #expect(
      report.notes[1].hasPrefix(
        "own: to use, take the model that was trained on all rows: DLNC: train/fold=all."))
    #expect(
      report.markdown().contains(
        "| own (3-fold cross-validation) | DLNC | 12 | **75.0** ± 25.0 | 100.0, 75.0, 50.0 | train/fold=all |"
      ))
    #expect(report.html().contains("id=\"folds\""))
    #expect(report.json().contains("\"use\": [\"train/fold=all\"]"))
  }

  @Test func `seeds are averaged, and missing folds are told`() throws {
    var folds = FoldEvaluations()
    for (seed, correct) in [(1, 4), (2, 2)] {
      for number in [1, 3] {
        folds.add(try fold(correct, seed: seed), Fold(number, of: 3))
      }
    }
    let report = try report(folds)
    #expect(report.crossValidations[0].scores.map(\.score) == [0.75, 0.75])
    #expect(report.crossValidations[0].rows == 8)
    #expect(report.result(ModelVariant("dlnc"), task)?.seeds == [1, 2])
    #expect(
      report.warnings == [
        "own (3-fold cross-validation), DLNC: no model of fold 2; the results cover the 8 rows of the others"
      ])
  }

  @Test func `a model of all rows alone is no result`() throws {
    var folds = FoldEvaluations()
    folds.addFinalModel(bag, task, name: "bag/fold=all")
    #expect(throws: UserError.self) { try report(folds) }
    for number in 1...3 { folds.add(try fold(3), Fold(number, of: 3)) }
    let warnings = try report(folds).warnings
    #expect(
      warnings.count == 1 && warnings[0].contains("bag/fold=all learned from all rows, and no"))
  }
}
