import Support

/// The probabilities from which on a row gets the labels of a multi-label task.
///
/// Each is the one with the best F1 score of its label on the validation rows, or ½ if too few of them
/// have the label.
public struct LabelThresholds: Codable, Equatable, Sendable {
  /// The thresholds, [classes].
  public var values: [Double]
  /// The number of validation rows that they were chosen on; 0 for none.
  public var rows = 0

  /// A threshold of ½ for each label.
  public init(classCount: Int) { values = [Double](repeating: 0.5, count: classCount) }

  /// The labels of a row with these probabilities, [classes].
  public func labels(_ probabilities: some Sequence<Float>) -> [Int] {
    zip(probabilities, values).enumerated()
      .filter { Double($0.element.0) >= $0.element.1 }.map(\.offset)
  }
}
