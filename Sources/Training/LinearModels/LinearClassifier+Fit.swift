import DLNC
import Shards

extension LinearClassifier {
  /// The weights of all classes, [features + 1, classes], from one regression on the classes that have
  /// training rows or, in a multi-label task, from one on each label. A class without training rows gets
  /// zero weights and the intercept `absentClassLogit`, a label of all rows its negative.
  /// - Parameters:
  ///   - width: the number of features, with the intercept.
  ///   - count: the number of sets of weights that a fit has.
  ///   - fit: fits weights, [width, classes], to the class of each training row; the label that is fitted,
  ///     if any, and the number of classes follow.
  /// - Returns: the sets of weights and the number of steps, the largest of several; nil if a fit does not
  ///   converge.
  static func weights(
    of train: TokenShard, width: Int, sets count: Int = 1,
    absentClassLogit: Float = Self.absentClassLogit,
    fit: (_ targets: [Int], _ label: Int?, _ classCount: Int) -> (weights: [[Double]], steps: Int)?
  ) -> (weights: [[Float]], steps: Int)? {
    let counts = train.classCounts
    var intercepts = [Float](repeating: 0, count: width * counts.count)
    for (label, rows) in counts.enumerated() where rows == 0 {
      intercepts[(width - 1) * counts.count + label] = absentClassLogit
    }
    var result = (weights: [[Float]](repeating: intercepts, count: count), steps: 0)
    func store(
      _ value: (_ weights: [Double], _ row: Int) -> Double, _ weights: [[Double]], _ label: Int
    ) {
      for set in weights.indices {
        for row in 0..<width {
          result.weights[set][row * counts.count + label] = Float(value(weights[set], row))
        }
      }
    }
    guard let labelSets = train.labelSets else {
      let present = counts.indices.filter { counts[$0] > 0 }
      let targets = train.labels.map { present.firstIndex(of: Int($0)) ?? 0 }
      guard let fit = fit(targets, nil, present.count) else { return nil }
      for (column, label) in present.enumerated() {
        store({ $0[$1 * present.count + column] }, fit.weights, label)
      }
      return (result.weights, fit.steps)
    }
    for (label, rows) in counts.enumerated() where rows > 0 {
      guard rows < train.count else {
        for set in 0..<count {
          result.weights[set][(width - 1) * counts.count + label] = -absentClassLogit
        }
        continue
      }
      let targets = (0..<train.count).map { labelSets[$0].contains(Int32(label)) ? 1 : 0 }
      guard let fit = fit(targets, label, 2) else { return nil }
      store({ $0[2 * $1 + 1] - $0[2 * $1] }, fit.weights, label)
      result.steps = max(result.steps, fit.steps)
    }
    return result
  }
}
