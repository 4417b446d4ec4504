@testable import Reports

/// Predictions that put `confidence` on the given class of each row and share out the rest.
func predictions(
  _ predicted: [Int], gold: [Int], groups: [Int]? = nil, labels: [String] = ["a", "b", "c"],
  model: Model = Model("dlnc"), seed: Int = 1, column: Column = Column(task: "yelp"),
  split: Split = .test, confidence: Float = 0.9
) throws -> Predictions {
  let rest = (1 - confidence) / Float(max(labels.count - 1, 1))
  return try Predictions(
    model: model, seed: seed, column: column, split: split, labels: labels, gold: gold,
    probabilities: predicted.flatMap { answer in
      labels.indices.map { $0 == answer ? confidence : rest }
    },
    groups: groups ?? Array(gold.indices))
}

/// Whether two numbers agree to `tolerance`.
func close(_ left: Double?, _ right: Double?, _ tolerance: Double = 1e-12) -> Bool {
  guard let left, let right else { return left == nil && right == nil }
  return abs(left - right) <= tolerance
}
