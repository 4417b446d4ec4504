/// How many rows are answered and how many of the answers are right, by the confidence from which on a
/// model answers.
public struct CoverageCurve: Sendable {
  /// The answers whose confidence is at least a threshold.
  public struct Point: Codable, Equatable, Sendable {
    /// The threshold.
    public var confidence: Double
    /// The number of rows that are answered.
    public var answered: Int
    /// The number of these answers that are right.
    public var correct: Int

    /// The fraction of the answers that are right.
    public var accuracy: Double { Double(correct) / Double(max(answered, 1)) }
  }

  /// A point for each distinct confidence in ascending order: the first one answers all rows.
  public let points: [Point]

  /// The curve of predictions with these confidences, of which some are right; both [rows].
  public init(confidences: [Double], correct: [Bool]) {
    var points: [Point] = []
    var (answered, right) = (0, 0)
    let order = zip(confidences, correct).sorted { $0.0 > $1.0 }
    for (index, (confidence, isCorrect)) in order.enumerated() {
      answered += 1
      right += isCorrect ? 1 : 0
      if index + 1 < order.count, order[index + 1].0 == confidence { continue }
      points.append(Point(confidence: confidence, answered: answered, correct: right))
    }
    self.points = points.reversed()
  }

  /// The number of rows.
  public var rows: Int { points.first?.answered ?? 0 }

  /// Fewer answers say little about the accuracy of others.
  public static let fewestAnswers = 10

  /// The point that answers the most rows with at least this accuracy; nil if none does with
  /// ``fewestAnswers``.
  public func point(accuracy: Double) -> Point? { points.first(accuracy: accuracy) }

  /// The points with a higher accuracy than all that answer more rows, in steps of 0.1 %. The first one,
  /// which answers all rows, has the threshold 0, because other rows can have less confidence.
  var rises: [Point] {
    var (result, level) = ([Point](), -1)
    for var point in points where point.answered >= Self.fewestAnswers {
      let reached = point.correct * 1000 / point.answered
      guard reached > level else { continue }
      if result.isEmpty { point.confidence = 0 }
      result.append(point)
      level = reached
    }
    return result
  }
}

extension [CoverageCurve.Point] {
  /// The first point with enough answers and this accuracy.
  public func first(accuracy: Double) -> CoverageCurve.Point? {
    first { $0.answered >= CoverageCurve.fewestAnswers && $0.accuracy >= accuracy }
  }
}
