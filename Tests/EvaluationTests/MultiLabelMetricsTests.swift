import DLNC
import Shards
import Support
import Testing

@testable import Evaluation

/// The metrics of multi-label tasks, some of them compared with `fixtures/reference/label_metrics.py`.
struct MultiLabelMetricsTests {
  /// The rows of the reference with the probabilities of a seed.
  private static func reference(_ seed: Int, _ name: String = "dlnc") throws -> Predictions {
    let shares = [3, 4, 5, 1, 0]
    let truth = (0..<200).map { row in
      shares.indices.filter { (row * row * 7 + row * $0 * 3 + $0 * 5) % 11 < shares[$0] }
    }
    let probabilities = truth.enumerated().flatMap { row, labels in
      shares.indices.map { label -> Float in
        let base = (row * (13 + 6 * seed) + label * 29) % 60
        return (Float(base + (labels.contains(label) ? 40 : 0)) + 0.5) / 100
      }
    }
    return try labelPredictions(
      truth, probabilities, thresholds: [0.5, 0.45, 0.55, 0.58, 1],
      textIDs: (0..<200).map { $0 / 2 }, variant: ModelVariant(name), seed: seed)
  }

  @Test func `scores agree with scikit-learn`() throws {
    let result = try #require(EvaluationResult([try Self.reference(0)]))
    #expect(close(result.score?.mean, 0.7435897435897436))
    #expect(close(result.macroF1?.mean, 0.5458056171470805))
    #expect(close(result.subsetAccuracy?.mean, 0.43))
    #expect(result.classes.map(\.rows) == [55, 36, 127, 0, 0])
    #expect(result.classes.map(\.predicted) == [68, 74, 101, 7, 0])
    let precision: [Double?] = [0.66176471, 0.45945946, 0.94059406, 0, nil]
    let recall: [Double?] = [0.81818182, 0.94444444, 0.7480315, nil, nil]
    let f1: [Double?] = [0.73170732, 0.61818182, 0.83333333, 0, nil]
    for (index, label) in result.classes.enumerated() {
      #expect(close(label.precision, precision[index], 1e-8))
      #expect(close(label.recall, recall[index], 1e-8))
      #expect(close(label.f1, f1[index], 1e-8))
    }
    #expect(result.classes.map(\.threshold) == [0.5, 0.45, 0.55, 0.58, 1])
    #expect(close(result.calibration.expectedError, 0.22517, 1e-6))
    #expect(result.calibration.total == 1000)
    #expect(close(result.constantScore, 0.6076555023923444))
  }

  // numpy, 100,000 resamples.
  @Test func `paired tests are of micro-F1 over texts and seeds`() throws {
    let first = [try Self.reference(0, "a")]
    let others = try [1, 2].map { try Self.reference($0, "b") }
    let both = try #require(Comparison(first, others))
    #expect(close(both.difference, 0.7435897435897436 - (0.721868365180467 + 0.75) / 2))
    #expect(close(both.interval?.low, -0.0420, 0.004))
    #expect(close(both.interval?.high, 0.0608, 0.004))
    #expect(close(both.pValue, 0.80, 0.03))
    let single = try #require(Comparison(first, [others[0]]))
    #expect(single.test == .bootstrap && single.mcNemar == nil)
    #expect(close(single.interval?.low, -0.0244, 0.003))
    #expect(close(single.interval?.high, 0.0681, 0.003))
    #expect(close(single.pValue, 0.356, 0.03))
  }

  @Test func `rows with one label each have their accuracy as micro-F1`() throws {
    let (labels, predicted) = ([0, 1, 2, 2, 0, 1], [0, 1, 1, 2, 2, 1])
    let sets = try labelPredictions(
      labels.map { [$0] },
      predicted.flatMap { predicted in (0..<3).map { $0 == predicted ? 0.9 : 0.1 } })
    let single = try predictions(predicted, labels: labels)
    let result = EvaluationResult([sets])
    #expect(result?.score?.mean == 4.0 / 6 && result?.subsetAccuracy?.mean == 4.0 / 6)
    #expect(EvaluationResult([single])?.score?.mean == 4.0 / 6)
    #expect(result?.macroF1?.mean == EvaluationResult([single])?.macroF1?.mean)
    #expect(EvaluationResult([single])?.subsetAccuracy == nil)
  }

  @Test func `rows without a label count, and no label at all has no micro-F1`() throws {
    // Right without a label, a label too many, one too few.
    let run = try labelPredictions(
      [[], [], [0]], [0.1, 0.2, 0.9, 0.2, 0.1, 0.2], classes: ["a", "b"])
    #expect(run.correct == [true, false, false])
    #expect(run.terms.score == 0 && EvaluationResult([run])?.subsetAccuracy?.mean == 1.0 / 3)
    let none = try labelPredictions([[], []], [0.1, 0.2, 0.1, 0.2], classes: ["a", "b"])
    let result = try #require(EvaluationResult([none]))
    #expect(result.score == nil && result.macroF1 == nil && result.subsetAccuracy?.mean == 1)
  }

  @Test func `the worst label decides how confident a mistake is`() throws {
    // The first row has a label too many, the second lacks one that has 0.05, the third is right.
    var run = try labelPredictions(
      [[1], [0, 1], [0]], [0.8, 0.6, 0.9, 0.05, 0.75, 0.45], classes: ["a", "b|c"])
    #expect(close(run.confidences[0], 0.8, 1e-6) && close(run.confidences[1], 0.95, 1e-6))
    #expect(run.confidences[2] == 0 && run.mostConfidentErrors(9) == [1, 0])
    run.texts[1] = "so sure"
    let errors = Misclassification.list([run])
    #expect(errors.map(\.row) == [1, 0] && errors[0].text == "so sure")
    #expect(errors[0].actual == ["a", "b|c"] && errors[0].predicted == ["a"])
    #expect(joinedLabels(errors[0].actual) == #"a|b\u{7c}c"#)
  }

  @Test func `a model that is no better than a constant answer is reported`() throws {
    // The best constant answer is both labels: micro-F1 2 · 45 / (60 + 45).
    let truth = (0..<30).map { $0 % 2 == 0 ? [0, 1] : [0] }
    let useless = try labelPredictions(
      truth, truth.flatMap { _ in [0.9, 0.8] as [Float] }, classes: ["a", "b"])
    #expect(useless.bestConstant == [0, 1])
    let warning = try #require(EvaluationResult([useless])?.majorityWarning)
    #expect(
      warning.contains(
        "the test micro-F1 of 85.7 % is not above that of always predicting the same labels, 85.7 %"
      ))
    let good = try labelPredictions(
      truth, truth.flatMap { [0.9, $0.count == 2 ? 0.8 : 0.2] as [Float] }, classes: ["a", "b"])
    #expect(EvaluationResult([good])?.majorityWarning == nil)
  }

  @Test func `a rare label that the model is bad at is named`() throws {
    // Each of 200 rows has a; every tenth has b, too, which is never predicted.
    let truth = (0..<200).map { $0 % 10 == 0 ? [0, 1] : [0] }
    let run = try labelPredictions(
      truth, truth.flatMap { _ in [0.9, 0.1] as [Float] }, classes: ["a", "b"])
    let warning = try #require(EvaluationResult([run])?.rareClassWarning)
    #expect(warning.contains("“b” with 10.0 % of the rows has an F1 of 0.0 %"))
  }

  @Test func `folds are pooled with their label sets`() throws {
    let folds = try [0, 1].map { fold in
      try labelPredictions(
        fold == 0 ? [[0], []] : [[0, 1]], fold == 0 ? [0.9, 0.1, 0.6, 0.1] : [0.4, 0.9],
        thresholds: [0.5, fold == 0 ? 0.4 : 0.6], classes: ["a", "b"])
    }
    let pooled = try #require(try Predictions(pooling: folds))
    #expect(pooled.correct == [true, false, false])
    // 2 · (1 + 0 + 1) of 2 + 1 + 3.
    #expect(pooled.terms.score == 4.0 / 6)
    #expect(pooled.labelPredictions?.thresholds == [0.5, 0.5])
    let validation = CrossValidation(
      variant: pooled.variant, task: pooled.task, foldCount: 2,
      folds: [(1, folds[0]), (2, folds[1])], finalModels: [])
    #expect(validation.json.text.contains("\"measure\": \"micro-F1\""))
    #expect(validation.scores.map(\.score) == [2.0 / 3, 2.0 / 3] && validation.score == 4.0 / 6)
  }

  @Test func `predictions with inconsistent label sets are rejected`() {
    #expect(throws: UserError.self) {
      try labelPredictions([[0]], [0.5, 0.5], thresholds: [0.5], classes: ["a", "b"])
    }
    #expect(throws: UserError.self) {
      try Predictions(
        variant: ModelVariant("dlnc"), seed: 1,
        task: EvaluationTask(name: "tags", isMultiLabel: true), split: .test, classNames: ["a"],
        labels: [0], probabilities: [0.5], textIDs: [0])
    }
  }
}
