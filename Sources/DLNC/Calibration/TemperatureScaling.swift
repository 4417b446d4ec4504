import Foundation
import Shards
import Support

/// The temperature that the logits of a task are divided by, so that its probabilities are as high as
/// its answers are right on validation rows (Guo et al. 2017). It changes no predicted class.
public struct TemperatureScaling: Codable, Equatable, Sendable {
  /// The temperature; above 1 if the probabilities were too high.
  public var temperature: Double
  /// The number of validation rows that it was fitted to.
  public var rows: Int
  /// The mean cross-entropy of these rows without the temperature.
  public var lossBefore: Double
  /// The mean cross-entropy of these rows with the temperature.
  public var loss: Double
  /// For rising accuracies of the answers on these rows the lowest confidence that reaches them.
  public var thresholds: [CoverageCurve.Point]

  /// Fewer rows would give a temperature that is further from the right one than 1 is.
  public static let fewestRows = 50
  /// The range of temperatures. Without a bound, rows that are all right would have the temperature 0.
  static let range = 0.1...10.0

  /// The temperature of the least cross-entropy of some rows; nil for fewer than ``fewestRows``. Rows
  /// of a class with the probability 0, such as one without training rows, have no part in it: no
  /// temperature would help them. In a multi-label task each label of a row counts as a row.
  /// - Parameters:
  ///   - probabilities: the probabilities without temperature, [rows, classes].
  ///   - shard: the rows.
  package init?(_ probabilities: [Float], of shard: TokenShard) {
    guard let labelSets = shard.labelSets else {
      self.init(probabilities, labels: shard.labels, classCount: shard.classNames.count)
      return
    }
    guard shard.count >= Self.fewestRows else { return nil }
    self.init(
      probabilities.flatMap { [1 - $0, $0] },
      labels: (0..<shard.count).flatMap { row in
        shard.classNames.indices.map { labelSets[row].contains(Int32($0)) ? 1 : 0 }
      }, classCount: 2)
    // The cross-entropy of a row is the sum of those of its labels.
    let classCount = Double(shard.classNames.count)
    (lossBefore, loss) = (lossBefore * classCount, loss * classCount)
    (rows, thresholds) = (shard.count, [])
  }

  init?(_ probabilities: [Float], labels: [Int32], classCount: Int) {
    let rows = ScaledRows(probabilities, labels, classCount)
    guard rows.count >= Self.fewestRows else { return nil }
    temperature = 1 / rows.bestFactor(in: 1 / Self.range.upperBound...1 / Self.range.lowerBound)
    self.rows = rows.count
    (lossBefore, thresholds) = (rows.derivatives(1).loss, [])
    loss = rows.derivatives(1 / temperature).loss
    let scaled = apply(to: probabilities, labels: labels, classCount: classCount)
    let top = labels.indices.map { row in
      scaled.probabilities[row * classCount..<(row + 1) * classCount].enumerated()
        .reduce((offset: 0, element: -1)) { $1.element > $0.element ? $1 : $0 }
    }
    thresholds =
      CoverageCurve(
        confidences: top.map { min(1, Double($0.element)) },
        correct: zip(top, labels).map { $0.offset == Int($1) }
      ).rises
  }

  /// The probabilities with the temperature, [rows, classes], and the mean cross-entropy of the rows.
  /// The most probable class of a row, the first of equals, stays the same also where rounding would
  /// make two classes equal; a probability of 0 stays 0.
  /// - Parameters:
  ///   - probabilities: the probabilities without temperature, [rows, classes].
  ///   - shard: the rows.
  public func apply(
    to probabilities: [Float], of shard: TokenShard
  ) -> (probabilities: [Float], loss: Double) {
    shard.isMultiLabel
      ? applyToLabels(of: shard, probabilities)
      : apply(to: probabilities, labels: shard.labels, classCount: shard.classNames.count)
  }

  private func applyToLabels(
    of shard: TokenShard, _ probabilities: [Float]
  ) -> (probabilities: [Float], loss: Double) {
    var values = probabilities.map { labelLogit(of: $0) / temperature }
    let classCount = shard.classNames.count
    let loss = (0..<shard.count).reduce(0) { loss, row in
      loss
        + OutputFunction.sigmoid.apply(
          &values, row * classCount..<(row + 1) * classCount, classes: shard.classes(of: row))
    }
    return (values.map { Float($0) }, loss / Double(max(shard.count, 1)))
  }

  func apply(
    to probabilities: [Float], labels: [Int32], classCount: Int
  ) -> (probabilities: [Float], loss: Double) {
    var (result, loss) = (probabilities, 0.0)
    var logits = [Double](repeating: 0, count: classCount)
    for (row, label) in labels.enumerated() {
      let range = row * classCount..<(row + 1) * classCount
      for (k, index) in range.enumerated() {
        logits[k] = logit(of: probabilities[index]) / temperature
      }
      loss += softmax(&logits, 0..<classCount, target: Int(label))
      for (k, index) in range.enumerated() where probabilities[index] > 0 {
        result[index] = Float(logits[k])
      }
      let (before, after) = (argmax(probabilities, range), argmax(result, range))
      if before != after { result[before] = result[after].nextUp }
    }
    return (result, loss / Double(max(labels.count, 1)))
  }

  private func argmax(_ values: [Float], _ range: Range<Int>) -> Int {
    range.dropFirst().reduce(range.lowerBound) { values[$1] > values[$0] ? $1 : $0 }
  }

  /// Checks values from a model file.
  /// - Throws: ``UserError`` with exit status `data`.
  func check(of task: String, at location: String) throws {
    guard Self.range.contains(temperature), rows >= 0, lossBefore.isFinite, loss.isFinite,
      thresholds.allSatisfy({
        (0...1).contains($0.confidence) && $0.correct >= 0 && $0.answered >= $0.correct
      })
    else {
      throw UserError(
        .data, at: "\(location): configuration",
        problem: "task “\(task)”, temperature \(temperature) of \(rows) rows",
        expected:
          "a temperature from \(Self.range.lowerBound) to \(Self.range.upperBound), and accuracies",
        hint: "train the model again")
    }
  }
}

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
private struct ScaledRows {
  private let logits: [Double]
  private let labels: [Int32]
  private let classCount: Int

  /// The number of rows.
  var count: Int { labels.count }

  /// The rows whose label has a probability above 0.
  init(_ probabilities: [Float], _ labels: [Int32], _ classCount: Int) {
    let rows = labels.indices.filter { probabilities[$0 * classCount + Int(labels[$0])] > 0 }
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
  func bestFactor(in range: ClosedRange<Double>) -> Double {
    var (low, high, factor) = (range.lowerBound, range.upperBound, 1.0)
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
