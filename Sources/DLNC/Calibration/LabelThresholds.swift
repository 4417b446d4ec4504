import Shards
import Support

/// The probabilities from which on a row gets the labels of a multi-label task.
///
/// Each is the one with the best F1 score of its label on the validation rows. It is ½ if too few of
/// them have the label, or if no other is better.
public struct LabelThresholds: Codable, Equatable, Sendable {
  /// The thresholds, [classes].
  public var values: [Double]
  /// The number of validation rows that they were chosen on; 0 for none.
  public var rows = 0
  /// The micro-F1 of these rows with the thresholds; nil without any.
  public var microF1: Double?

  /// With fewer rows of a label among the validation rows, its threshold is ½.
  public static let fewestRows = 10

  /// A threshold of ½ for each label.
  public init(classCount: Int) { values = [Double](repeating: 0.5, count: classCount) }

  /// The best thresholds for some rows; nil if they are not of a multi-label task.
  /// - Parameter probabilities: the probabilities of the classes, [rows, classes].
  package init?(_ probabilities: [Float], of shard: TokenShard) {
    guard let labelSets = shard.labelSets else { return nil }
    let classCount = shard.classNames.count
    self.init(classCount: classCount)
    rows = shard.count
    for label in 0..<classCount {
      values[label] = Self.best(
        (0..<shard.count).map { row in
          (
            Double(probabilities[row * classCount + label]),
            labelSets[row].contains(Int32(truncatingIfNeeded: label))
          )
        })
    }
    let metrics = (0..<shard.count).map { row in
      BatchMetrics(
        labels: labels(probabilities[row * classCount..<(row + 1) * classCount]),
        classes: labelSets[row])
    }
    microF1 = metrics.reduce(BatchMetrics(), +).accuracy
  }

  /// The threshold with the highest F1 score: ½ or one midway between two probabilities; of equally good
  /// ones that nearest to ½.
  private static func best(_ rows: [(probability: Double, isPositive: Bool)]) -> Double {
    let positives = rows.count(where: \.isPositive)
    guard positives >= fewestRows else { return 0.5 }
    let order = rows.sorted { $0.probability > $1.probability }
    let half = order.prefix { $0.probability >= 0.5 }
    func f1(_ correct: Int, of given: Int) -> Double {
      Double(2 * correct) / Double(given + positives)
    }
    var best = (threshold: 0.5, f1: f1(half.count(where: \.isPositive), of: half.count))
    var correct = 0
    for (index, row) in order.enumerated() {
      correct += row.isPositive ? 1 : 0
      let next = index + 1 < order.count ? order[index + 1].probability : 0
      guard next < row.probability else { continue }
      let (threshold, score) = ((row.probability + next) / 2, f1(correct, of: index + 1))
      if score > best.f1
        || score == best.f1 && abs(threshold - 0.5) < abs(best.threshold - 0.5)
      {
        best = (threshold, score)
      }
    }
    return best.threshold
  }

  /// The labels of a row with these probabilities, [classes].
  public func labels(_ probabilities: some Sequence<Float>) -> [Int] {
    zip(probabilities, values).enumerated()
      .filter { Double($0.element.0) >= $0.element.1 }.map(\.offset)
  }

  /// The thresholds of the same decisions on probabilities without a temperature.
  func without(_ scaling: TemperatureScaling) -> LabelThresholds {
    var result = self
    for label in values.indices {
      var logit = [labelLogit(of: Float(values[label])) * scaling.temperature]
      OutputFunction.sigmoid.apply(&logit, 0..<1, classes: [])
      result.values[label] = logit[0]
    }
    return result
  }

  /// Checks values from a model file.
  /// - Throws: ``UserError`` with exit status `data`.
  func check(of task: String, _ classNames: [String], at location: String) throws {
    guard values.count == classNames.count, values.allSatisfy({ $0 > 0 && $0 < 1 }), rows >= 0,
      microF1.map((0...1).contains) ?? true
    else {
      throw UserError(
        .data, at: "\(location): configuration",
        problem: "task “\(task)” with the thresholds of labels \(values)",
        expected: "a number between 0 and 1 for each of \(classNames.count) classes",
        hint: "train the model again")
    }
  }
}
