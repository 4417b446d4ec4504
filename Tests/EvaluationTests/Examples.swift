import Shards

@testable import Evaluation

/// Predictions that put `confidence` on the given class of each row and share out the rest.
func predictions(
  _ predicted: [Int], gold: [Int], groups: [Int]? = nil, classNames: [String] = ["a", "b", "c"],
  model: Model = Model("dlnc"), seed: Int = 1,
  column: EvaluationTask = EvaluationTask(task: "yelp"),
  split: Split = .test, confidence: Float = 0.9
) throws -> Predictions {
  let rest = (1 - confidence) / Float(max(classNames.count - 1, 1))
  return try Predictions(
    model: model, seed: seed, column: column, split: split, classNames: classNames, gold: gold,
    probabilities: predicted.flatMap { answer in
      classNames.indices.map { $0 == answer ? confidence : rest }
    },
    groups: groups ?? Array(gold.indices))
}

/// Whether two numbers agree to `tolerance`.
func close(_ left: Double?, _ right: Double?, _ tolerance: Double = 1e-12) -> Bool {
  guard let left, let right else { return left == nil && right == nil }
  return abs(left - right) <= tolerance
}
