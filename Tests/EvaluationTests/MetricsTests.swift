import DLNC
import Support
import Testing

@testable import Evaluation

@Suite struct MetricsTests {
  // sklearn.metrics.confusion_matrix, precision_recall_fscore_support and f1_score(average="macro")
  // of the same ten rows.
  @Test func `scores agree with scikit-learn`() throws {
    let run = try predictions(
      [0, 0, 1, 2, 1, 1, 0, 2, 1, 0], labels: [0, 0, 0, 0, 1, 1, 1, 2, 2, 0])
    let matrix = ConfusionMatrix(run)
    let cells = (0..<3).map { actual in
      (0..<3).map { matrix[actual: actual, predicted: $0] }
    }
    #expect(cells == [[3, 1, 1], [1, 2, 0], [0, 1, 1]])
    #expect(matrix.total == 10 && matrix.correct == 6)
    let scores = matrix.classScores
    #expect(scores.map(\.precision) == [0.75, 0.5, 0.5])
    #expect(scores.map(\.recall) == [0.6, 2.0 / 3, 0.5])
    #expect(close(scores[1].f1, 0.57142857, 1e-8))
    #expect(close(matrix.classScores.macroF1, 0.5793650793650794))
  }

  @Test func `a class that neither occurs nor is predicted is left out of macro F1`() throws {
    let matrix = ConfusionMatrix(try predictions([0, 1, 1, 1], labels: [0, 0, 1, 1]))
    #expect(matrix.classScores[2].f1 == nil)
    #expect(matrix.classScores[2].precision == nil && matrix.classScores[2].recall == nil)
    #expect(close(matrix.classScores.macroF1, 0.7333333333333334))
  }

  @Test func `a class that is only predicted counts as zero`() throws {
    let matrix = ConfusionMatrix(try predictions([0, 2, 1], labels: [0, 0, 1]))
    #expect(matrix.classScores[2].f1 == 0 && matrix.classScores[2].recall == nil)
    #expect(close(matrix.classScores.macroF1, 0.5555555555555555))
  }

  @Test func `no rows give no scores`() throws {
    let empty = try predictions([], labels: [])
    #expect(ConfusionMatrix(empty).classScores.macroF1 == nil)
    #expect(Calibration([empty]).expectedError == nil)
    let result = try #require(EvaluationResult([empty]))
    #expect(result.score == nil && result.macroF1 == nil && result.rows == 0)
    #expect(result.anyLabelAccuracy == nil && result.maxAccuracy == nil)
  }

  @Test func `any-label accuracy accepts a label of any row with the same text`() throws {
    // Text 7 has the labels 0, 0 and 1; text 8 has the label 2.
    let run = try predictions([1, 1, 1, 0], labels: [0, 1, 0, 2], textIDs: [7, 7, 7, 8])
    let match = AnyLabelAccuracy(run)
    #expect(match.correct == 3 && match.total == 4)
    #expect(match.ambiguous == 3 && match.maxCorrect == 3)
    let result = try #require(EvaluationResult([run]))
    #expect(result.anyLabelAccuracy?.mean == 0.75 && result.maxAccuracy == 0.75)
    #expect(result.score?.mean == 0.25)
  }

  @Test func `there is no any-label accuracy if every text has one label`() throws {
    let result = try #require(
      EvaluationResult([try predictions([0, 1], labels: [0, 1], textIDs: [3, 3 + 1])]))
    #expect(result.anyLabelAccuracy == nil && result.maxAccuracy == nil)
  }

  @Test func `calibration bins by confidence`() throws {
    // Two at 0.9 (one right) in the bin above 0.8, two at 0.5 (both right) in the bin above 0.4.
    let sure = try predictions([0, 1], labels: [0, 0], classNames: ["a", "b"], confidence: 0.9)
    let unsure = try predictions(
      [0, 1], labels: [0, 1], classNames: ["a", "b"], seed: 2, confidence: 0.5)
    let calibration = Calibration([sure, unsure], bins: 5)
    #expect(calibration.bins.map(\.rows) == [0, 0, 2, 0, 2])
    // At 0.5 the first of the equal classes is predicted.
    #expect(calibration.bins[2].accuracy == 0.5)
    #expect(calibration.bins[4].accuracy == 0.5 && calibration.bins[0].accuracy == nil)
    #expect(close(calibration.expectedError, (0 + 2 * 0.4) / 4, 1e-7))
  }

  @Test func `the error before calibration is that of the other probabilities`() throws {
    func run(_ seed: Int, _ uncalibrated: [Float]?) throws -> Predictions {
      try Predictions(
        variant: ModelVariant("dlnc"), seed: seed, task: EvaluationTask(name: "t"), split: .test,
        classNames: ["a", "b"], labels: [0, 1], probabilities: [0.5, 0.5, 0.5, 0.5],
        uncalibrated: uncalibrated, textIDs: [0, 1])
    }
    let first = try run(1, [0.9, 0.1, 0.9, 0.1])
    let both = EvaluationResult([first, try run(2, [0.7, 0.3, 0.7, 0.3])])
    #expect(close(both?.calibration.expectedError, 0))
    #expect(close(both?.errorBefore, (0.4 + 0.2) / 2, 1e-7))
    #expect(EvaluationResult([first, try run(2, nil)])?.errorBefore == nil)
    #expect(throws: UserError.self) { try run(1, [0.5]) }
  }

  @Test func `the coverage at an accuracy is the largest part of the rows that has it`() throws {
    // The confidence of 20 rows falls, and every fifth is wrong from the tenth on.
    let curve = CoverageCurve(
      confidences: (0..<20).map { 1 - Double($0) / 40 },
      correct: (0..<20).map { $0 < 10 || $0 % 5 != 0 })
    #expect(curve.point(accuracy: 0.95).map(curve.fraction) == 0.5)
    #expect(curve.point(accuracy: 0.9).map(curve.fraction) == 1)
    #expect(curve.summary == "at 95 % accuracy it answers 50.0 % of the rows")
    #expect(curve.steps.map(\.answered) == Array(10...20))
    #expect(
      curve.table.markdown.hasSuffix(
        "\n| ≥ 90 | **100** | 52.5 |\n| ≥ 95 | **50.0** | 77.5 |\n| ≥ 99 | **50.0** | 77.5 |\n"))
    let figure = CoverageChart(name: "c", subject: "s", curve: curve).figure
    #expect(figure?.description.contains("95 % accuracy: 50.0 % answered") == true)
    let few = CoverageCurve(confidences: [0.5], correct: [true])
    #expect(few.summary == nil && few.steps.isEmpty)
    #expect(CoverageChart(name: "c", subject: "s", curve: few).figure == nil)
  }

  @Test func `bins with a handful of predictions are not shown`() throws {
    let rows = { (count: Int, confidence: Float) in
      try predictions(
        Array(repeating: 0, count: count), labels: Array(repeating: 0, count: count),
        classNames: ["a", "b"], confidence: confidence)
    }
    let calibration = Calibration([try rows(9, 0.65), try rows(10, 0.95)])
    #expect(calibration.legibleBins.map(\.rows) == [10] && calibration.total == 19)
    #expect(
      calibration.table.markdown.hasSuffix("\n| 90 – 100 % | 10 | 95.0 | **100.0** |\n"))
    let diagram = ReliabilityDiagram(name: "r", subject: "s", calibration: calibration).figure
    #expect(diagram.description == "at 95 % confidence 100 % correct (10 predictions).")
  }

  @Test func `confidences of 0 and 1 are in the outer bins`() throws {
    let run = try predictions([0, 0], labels: [0, 0], classNames: ["only"], confidence: 1)
    #expect(Calibration([run]).bins.last?.rows == 2)
    let none = try predictions([0], labels: [0], classNames: ["only"], confidence: 0)
    #expect(Calibration([none]).bins.first?.rows == 1)
  }

  @Test func `errors are listed once for each text, the most confident first`() throws {
    var run = try Predictions(
      variant: ModelVariant("dlnc"), seed: 1, task: EvaluationTask(name: "t"), split: .test,
      classNames: ["a", "b"],
      labels: [0, 0, 1, 0, 0], probabilities: [0.1, 0.9, 0.4, 0.6, 0.2, 0.8, 0.1, 0.9, 0.2, 0.8],
      textIDs: [1, 2, 3, 1, 4])
    #expect(run.mostConfidentErrors(9) == [0, 4, 1])
    #expect(run.mostConfidentErrors(1) == [0])
    run.texts[4] = "so sure"
    #expect(Misclassification.list([run])[1].text == "so sure")
  }

  @Test func `errors are those of the reference or, without it, of the most accurate model`() throws
  {
    let runs = [("a", [0, 1, 1]), ("b", [0, 0, 1]), ("c", [1, 1, 0])]
    let all = try runs.map {
      try predictions($1, labels: [0, 0, 0], variant: ModelVariant($0))
    }
    for (reference, listed) in [("c", "c"), ("dlnc", "b")] {
      let report = try Report(
        title: "t", reference: reference, ReportInput(predictions: all))
      #expect(Set(report.misclassifications.map(\.variant.name)) == [listed])
    }
  }

  @Test func `predictions with inconsistent parts are rejected`() {
    func error(_ labels: [Int], _ probabilities: [Float], textIDs: [Int]) -> UserError? {
      do {
        _ = try Predictions(
          variant: ModelVariant("dlnc"), seed: 3, task: EvaluationTask(name: "yelp"), split: .test,
          classNames: ["a", "b"], labels: labels, probabilities: probabilities, textIDs: textIDs)
        return nil
      } catch { return error as? UserError }
    }
    #expect(error([0], [0.5, 0.5], textIDs: [0]) == nil)
    #expect(error([0], [0.5], textIDs: [0])?.exitStatus == .data)
    #expect(error([0], [0.5, 0.5], textIDs: [])?.exitStatus == .data)
    #expect(error([2], [0.5, 0.5], textIDs: [0])?.problem == "class 2 in row 0")
    #expect(error([0], [.nan, 0.5], textIDs: [0])?.problem == "the probability nan in row 0")
    #expect(
      error([0, 0], [0.5, 0.5, 1.5, 0], textIDs: [0, 0])?.location
        == "predictions of DLNC, seed 3, for Yelp, test")
  }
}
