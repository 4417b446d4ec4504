import DLNC

/// The answer of a ``TextClassifier`` to a text.
public struct Classification: Equatable, Sendable {
  /// The most probable class; the first one of a tie.
  public let label: String
  /// The classes that the text gets: ``label`` or, in a multi-label task, each class whose probability is
  /// at least the threshold of the model for it, possibly none.
  public let labels: [String]
  /// The probability of each class by its name. They add up to 1, except in a multi-label task, where
  /// they are separate.
  public let probabilities: [String: Float]
  /// The fraction of the tokens of the text that the model knows, from 0 to 1. A low value tells of another
  /// language or subject.
  public let known: Double

  /// - Parameters:
  ///   - values: the probability of each class, [classes].
  ///   - thresholds: those of a multi-label task; nil for any other.
  init(
    _ values: ArraySlice<Float>, _ task: TextClassifier.Task, _ thresholds: LabelThresholds?,
    known: Double
  ) {
    let best = values.indices.dropFirst().reduce(values.startIndex) {
      values[$1] > values[$0] ? $1 : $0
    }
    label = task.classNames[best - values.startIndex]
    labels = thresholds?.labels(values).map { task.classNames[$0] } ?? [label]
    probabilities = Dictionary(zip(task.classNames, values)) { first, _ in first }
    self.known = known
  }
}
