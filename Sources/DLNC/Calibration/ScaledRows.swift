import Foundation
import Shards

/// The logit of a class, up to a constant for each row. A probability that rounded to 0 counts as the
/// smallest one above 0.
func logit(of probability: Float) -> Double {
  log(Double(max(probability, .leastNonzeroMagnitude)))
}

/// The logit of a label of a multi-label task.
func labelLogit(of probability: Float) -> Double {
  logit(of: probability) - logit(of: 1 - probability)
}

/// Rows whose logits are multiplied by a factor, the reciprocal of the temperature.
struct ScaledRows {
  /// The factors of all temperatures.
  private static let factors =
    1 / TemperatureScaling.range.upperBound...1 / TemperatureScaling.range.lowerBound

  /// The logits, [rows, classes].
  var logits: [Double]
  private let labels: [Int32]
  private let classCount: Int

  /// The number of rows.
  var count: Int { labels.count }

  /// The rows whose label has a probability above 0, or all rows.
  init(_ probabilities: [Float], _ labels: [Int32], _ classCount: Int, keepsAll: Bool = false) {
    let rows = labels.indices.filter {
      keepsAll || probabilities[$0 * classCount + Int(labels[$0])] > 0
    }
    logits = rows.flatMap { row in
      probabilities[row * classCount..<(row + 1) * classCount].map(logit)
    }
    self.labels = rows.map { labels[$0] }
    self.classCount = classCount
  }

  /// The mean cross-entropy and its first two derivatives with respect to the factor: the mean
  /// difference of the expected logit and that of the label, and the mean variance of the logit.
  func derivatives(_ factor: Double) -> (loss: Double, slope: Double, curvature: Double) {
    var (loss, slope, curvature) = (0.0, 0.0, 0.0)
    var probabilities = [Double](repeating: 0, count: classCount)
    for (row, label) in labels.enumerated() {
      let start = row * classCount
      for k in 0..<classCount { probabilities[k] = logits[start + k] * factor }
      loss += softmax(&probabilities, 0..<classCount, target: Int(label))
      var (mean, square) = (0.0, 0.0)
      for k in 0..<classCount {
        // Relative to the label, so that large logits do not cancel.
        let difference = logits[start + k] - logits[start + Int(label)]
        mean += probabilities[k] * difference
        square += probabilities[k] * difference * difference
      }
      slope += mean
      curvature += square - mean * mean
    }
    let count = Double(max(labels.count, 1))
    return (loss / count, slope / count, curvature / count)
  }

  /// The factor of the least cross-entropy, which is convex in the factor: by Newton's method, and by
  /// bisection where that leaves the interval that is known to hold the minimum.
  func bestFactor() -> Double {
    var (low, high, factor) = (Self.factors.lowerBound, Self.factors.upperBound, 1.0)
    if derivatives(low).slope > 0 { return low }
    if derivatives(high).slope < 0 { return high }
    for _ in 0..<100 {
      let (_, slope, curvature) = derivatives(factor)
      if slope == 0 { return factor }
      if slope > 0 { high = factor } else { low = factor }
      let newton = curvature > 0 ? factor - slope / curvature : .nan
      let next = newton > low && newton < high ? newton : (low * high).squareRoot()
      if abs(next - factor) <= 1e-10 * factor { return next }
      factor = next
    }
    return factor
  }
}

extension TokenShard {
  /// Rows with one label each: in a multi-label task, each label of a row is a row of the classes no and yes.
  func singleLabelRows(
    _ probabilities: [Float]
  ) -> (probabilities: [Float], labels: [Int32], classCount: Int) {
    guard let labelSets else { return (probabilities, labels, self.classNames.count) }
    let labels = (0..<count).flatMap { row in
      self.classNames.indices.map { labelSets[row].contains(Int32($0)) ? Int32(1) : 0 }
    }
    return (probabilities.flatMap { [1 - $0, $0] }, labels, 2)
  }
}
