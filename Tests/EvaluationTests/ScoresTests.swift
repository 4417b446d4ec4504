import Support
import Testing

@testable import Evaluation

@Suite struct ScoresTests {
  // sklearn.metrics.confusion_matrix, precision_recall_fscore_support and f1_score(average="macro")
  // of the same ten rows.
  @Test func `scores agree with scikit-learn`() throws {
    let run = try predictions(
      [0, 0, 1, 2, 1, 1, 0, 2, 1, 0], gold: [0, 0, 0, 0, 1, 1, 1, 2, 2, 0])
    let matrix = ConfusionMatrix(run)
    #expect(matrix.counts == [3, 1, 1, 1, 2, 0, 0, 1, 1])
    #expect(matrix.total == 10 && matrix.correct == 6)
    let scores = matrix.classScores
    #expect(scores.map(\.precision) == [0.75, 0.5, 0.5])
    #expect(scores.map(\.recall) == [0.6, 2.0 / 3, 0.5])
    #expect(close(scores[1].f1, 0.57142857, 1e-8))
    #expect(close(matrix.macroF1, 0.5793650793650794))
  }

  @Test func `a class that neither occurs nor is predicted is left out of macro F1`() throws {
    let matrix = ConfusionMatrix(try predictions([0, 1, 1, 1], gold: [0, 0, 1, 1]))
    #expect(matrix.classScores[2].f1 == nil)
    #expect(matrix.classScores[2].precision == nil && matrix.classScores[2].recall == nil)
    #expect(close(matrix.macroF1, 0.7333333333333334))
  }

  @Test func `a class that is only predicted counts as zero`() throws {
    let matrix = ConfusionMatrix(try predictions([0, 2, 1], gold: [0, 0, 1]))
    #expect(matrix.classScores[2].f1 == 0 && matrix.classScores[2].recall == nil)
    #expect(close(matrix.macroF1, 0.5555555555555555))
  }

  @Test func `no rows give no scores and no trap`() throws {
    let empty = try predictions([], gold: [])
    #expect(ConfusionMatrix(empty).macroF1 == nil)
    #expect(AnyLabelAccuracy(empty).accuracy == nil)
    #expect(Calibration([empty]).expectedError == nil)
    let outcome = try #require(EvaluationResult([empty]))
    #expect(outcome.accuracy == nil && outcome.macroF1 == nil && outcome.rows == 0)
  }

  @Test func `any-match accepts a label of any row with the same text`() throws {
    // Text 7 stands under 0, 0 and 1; text 8 under 2 only.
    let run = try predictions([1, 1, 1, 0], gold: [0, 1, 0, 2], groups: [7, 7, 7, 8])
    let match = AnyLabelAccuracy(run)
    #expect(match.correct == 3 && match.total == 4)
    #expect(match.ambiguous == 3 && match.strictLimit == 3)
    let outcome = try #require(EvaluationResult([run]))
    #expect(outcome.anyMatch?.mean == 0.75 && outcome.strictLimit == 0.75)
    #expect(outcome.accuracy?.mean == 0.25)
  }

  @Test func `any-match is not shown where every text has one label`() throws {
    let outcome = try #require(
      EvaluationResult([try predictions([0, 1], gold: [0, 1], groups: [3, 3 + 1])]))
    #expect(outcome.anyMatch == nil && outcome.strictLimit == nil)
  }

  @Test func `calibration bins by confidence`() throws {
    // Two at 0.9 (one right) in the bin above 0.8, two at 0.5 (both right) in the bin above 0.4.
    let sure = try predictions([0, 1], gold: [0, 0], classNames: ["a", "b"], confidence: 0.9)
    let unsure = try predictions(
      [0, 1], gold: [0, 1], classNames: ["a", "b"], seed: 2, confidence: 0.5)
    let calibration = Calibration([sure, unsure], bins: 5)
    #expect(calibration.bins.map(\.rows) == [0, 0, 2, 0, 2])
    // At 0.5 the first of the equal classes is predicted.
    #expect(calibration.bins[2].accuracy == 0.5)
    #expect(calibration.bins[4].accuracy == 0.5 && calibration.bins[0].accuracy == nil)
    #expect(close(calibration.expectedError, (0 + 2 * 0.4) / 4, 1e-7))
  }

  @Test func `certainty of 0 and of 1 falls into the outer bins`() throws {
    let run = try predictions([0, 0], gold: [0, 0], classNames: ["only"], confidence: 1)
    #expect(Calibration([run]).bins.last?.rows == 2)
    let none = try predictions([0], gold: [0], classNames: ["only"], confidence: 0)
    #expect(Calibration([none]).bins.first?.rows == 1)
  }

  @Test func `mistakes come most confident first and once a text`() throws {
    var run = try Predictions(
      model: Model("dlnc"), seed: 1, column: EvaluationTask(task: "t"), split: .test,
      classNames: ["a", "b"],
      gold: [0, 0, 1, 0, 0], probabilities: [0.1, 0.9, 0.4, 0.6, 0.2, 0.8, 0.1, 0.9, 0.2, 0.8],
      groups: [1, 2, 3, 1, 4])
    #expect(run.mostConfidentMistakes(9) == [0, 4, 1])
    #expect(run.mostConfidentMistakes(1) == [0])
    run.texts[4] = "so sure"
    #expect(Misclassification.list([run])[1].text == "so sure")
  }

  @Test func `predictions whose parts do not fit are refused`() {
    func refusal(_ gold: [Int], _ probabilities: [Float], groups: [Int]) -> UserError? {
      do {
        _ = try Predictions(
          model: Model("dlnc"), seed: 3, column: EvaluationTask(task: "yelp"), split: .test,
          classNames: ["a", "b"], gold: gold, probabilities: probabilities, groups: groups)
        return nil
      } catch { return error as? UserError }
    }
    #expect(refusal([0], [0.5, 0.5], groups: [0]) == nil)
    #expect(refusal([0], [0.5], groups: [0])?.exitStatus == .data)
    #expect(refusal([0], [0.5, 0.5], groups: [])?.exitStatus == .data)
    #expect(refusal([2], [0.5, 0.5], groups: [0])?.problem == "class 2 in row 0")
    #expect(refusal([0], [.nan, 0.5], groups: [0])?.problem == "the probability nan in row 0")
    #expect(
      refusal([0, 0], [0.5, 0.5, 1.5, 0], groups: [0, 0])?.location
        == "predictions of DLNC, seed 3, for Yelp, test")
  }
}
