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
  /// The factor that the scales of the network's n-gram layer were multiplied by; nil without such a layer.
  public var ngramFactor: Double?

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
    guard shard.count >= Self.fewestRows else { return nil }
    let rows = shard.singleLabelRows(probabilities)
    self.init(rows.probabilities, labels: rows.labels, classCount: rows.classCount)
    guard shard.isMultiLabel else { return }
    // The cross-entropy of a row is the sum of those of its labels.
    let classCount = Double(shard.classNames.count)
    (lossBefore, loss) = (lossBefore * classCount, loss * classCount)
    (self.rows, thresholds) = (shard.count, [])
  }

  init?(_ probabilities: [Float], labels: [Int32], classCount: Int) {
    let rows = ScaledRows(probabilities, labels, classCount)
    guard rows.count >= Self.fewestRows else { return nil }
    temperature = 1 / rows.bestFactor()
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

extension TemperatureScaling {
  /// The factor of an n-gram layer's logits: the temperature of the network alone divided by that of the
  /// layer alone, as if each were calibrated. Nil for fewer than ``fewestRows`` rows.
  ///
  /// The scales of the layer are learned on training rows. There the network is right more often than on
  /// other rows, while the layer has the logits of classifiers that did not see the row. So the layer has
  /// too little weight on other rows.
  /// - Parameters:
  ///   - whole: the probabilities with the layer, [rows, classes].
  ///   - network: the probabilities without it.
  ///   - shard: the rows.
  package static func ngramFactor(
    _ whole: [Float], without network: [Float], of shard: TokenShard
  ) -> Double? {
    guard shard.count >= fewestRows else { return nil }
    func rows(_ probabilities: [Float]) -> ScaledRows {
      let rows = shard.singleLabelRows(probabilities)
      return ScaledRows(rows.probabilities, rows.labels, rows.classCount, keepsAll: true)
    }
    let network = rows(network)
    var layer = rows(whole)
    layer.logits = zip(layer.logits, network.logits).map(-)
    return layer.bestFactor() / network.bestFactor()
  }
}
