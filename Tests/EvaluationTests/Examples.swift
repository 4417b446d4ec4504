import Shards

@testable import DLNC
@testable import Evaluation

/// Predictions with `confidence` for the given class of each row and equal probabilities of the others.
func predictions(
  _ predicted: [Int], labels: [Int], textIDs: [Int]? = nil,
  classNames: [String] = ["a", "b", "c"], variant: ModelVariant = ModelVariant("dlnc"),
  seed: Int = 1, task: EvaluationTask = EvaluationTask(name: "yelp"), split: Split = .test,
  confidence: Float = 0.9
) throws -> Predictions {
  let rest = (1 - confidence) / Float(max(classNames.count - 1, 1))
  return try Predictions(
    variant: variant, seed: seed, task: task, split: split, classNames: classNames, labels: labels,
    probabilities: predicted.flatMap { predicted in
      classNames.indices.map { $0 == predicted ? confidence : rest }
    },
    textIDs: textIDs ?? Array(labels.indices))
}

/// Whether two numbers agree to `tolerance`.
func close(_ left: Double?, _ right: Double?, _ tolerance: Double = 1e-12) -> Bool {
  guard let left, let right else { return left == nil && right == nil }
  return abs(left - right) <= tolerance
}

/// A learning curve with the given validation-free points, one for each epoch from 1.
func runCurve(
  _ variant: ModelVariant = ModelVariant("dlnc"), seed: Int = 1,
  task: EvaluationTask = EvaluationTask(name: "yelp"), bestEpoch: Int = 0,
  _ points: [(epoch: Int, loss: Double, accuracy: Double)]
) -> RunCurve {
  var curve = LearningCurve(stage: "train")
  curve.bestEpoch = bestEpoch
  curve.points = points.map {
    .init(epoch: $0.epoch, task: task.name, trainLoss: $0.loss, trainAccuracy: $0.accuracy)
  }
  return RunCurve(variant: variant, seed: seed, task: task, curve: curve)
}

/// Predictions for rows of a multi-label task with these labels; [rows, classes] probabilities.
func labelPredictions(
  _ labels: [[Int]], _ probabilities: [Float], uncalibrated: [Float]? = nil,
  thresholds: [Double]? = nil, textIDs: [Int]? = nil, classes: [String]? = nil,
  variant: ModelVariant = ModelVariant("dlnc"), seed: Int = 1,
  task: EvaluationTask = EvaluationTask(name: "tags", isMultiLabel: true), split: Split = .test
) throws -> Predictions {
  let count = classes?.count ?? probabilities.count / max(labels.count, 1)
  var chosen = LabelThresholds(classCount: count)
  if let thresholds { chosen.values = thresholds }
  return try Predictions(
    variant: variant, seed: seed, task: task, split: split,
    classNames: classes ?? (0..<count).map { "label \($0)" }, labels: labels.map { _ in -1 },
    labelSets: LabelSets(labels.map { $0.map { Int32($0) } }), thresholds: chosen,
    probabilities: probabilities, uncalibrated: uncalibrated,
    textIDs: textIDs ?? Array(labels.indices))
}
