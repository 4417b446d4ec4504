import Foundation

/// Replaces logits by their softmax.
/// - Returns: the cross-entropy with class `target`, - log softmax(logits)[target].
@discardableResult
func softmax<R: Real>(_ values: UnsafeMutableBufferPointer<R>, target: Int) -> Double {
  let peak = values.max() ?? 0
  let logit = Double(values[target] - peak)
  var total = 0.0
  for k in values.indices {
    let e = exp(Double(values[k] - peak))
    values[k] = R(e)
    total += e
  }
  for k in values.indices { values[k] = R(Double(values[k]) / total) }
  return log(total) - logit
}

/// Replaces the logits in `range` by their softmax.
/// - Returns: the cross-entropy with class `target`.
@discardableResult
func softmax(_ values: inout [Double], _ range: Range<Int>, target: Int) -> Double {
  values[range].withUnsafeMutableBufferPointer { softmax($0, target: target) }
}

/// The index of the largest of `count` values; the first of equal ones.
func argmax<R: Real>(_ values: UnsafePointer<R>, count: Int) -> Int {
  (1..<max(1, count)).reduce(0) { values[$1] > values[$0] ? $1 : $0 }
}

/// Loss and accuracy of some rows.
struct BatchMetrics: Codable, Equatable {
  /// The sum of the cross-entropies.
  var loss = 0.0
  /// The number of correctly classified rows.
  var correct = 0
  /// The number of rows.
  var rows = 0

  /// The mean cross-entropy.
  var meanLoss: Double { loss / Double(max(1, rows)) }
  /// The fraction of correctly classified rows.
  var accuracy: Double { Double(correct) / Double(max(1, rows)) }

  static func + (left: BatchMetrics, right: BatchMetrics) -> BatchMetrics {
    BatchMetrics(
      loss: left.loss + right.loss, correct: left.correct + right.correct,
      rows: left.rows + right.rows)
  }
}
