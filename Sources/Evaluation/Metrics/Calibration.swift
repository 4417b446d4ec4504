/// Whether a model is as often right as it says: predictions sorted by their confidence, which is
/// the probability of the predicted class.
public struct Calibration: Sendable, Equatable {
  /// The predictions whose confidence lies in one range.
  public struct Bin: Sendable, Equatable {
    /// The lower end of the range, which belongs to the bin below, except 0.
    public var low: Double
    /// The upper end of the range, which belongs to this bin.
    public var high: Double
    /// How many predictions it holds.
    public var rows: Int
    /// How many of them are right.
    public var correct: Int
    /// The sum of their confidences.
    public var confidenceSum: Double

    /// The share that is right; nil if the bin is empty.
    public var accuracy: Double? { rows > 0 ? Double(correct) / Double(rows) : nil }
    /// The mean confidence; nil if the bin is empty.
    public var confidence: Double? { rows > 0 ? confidenceSum / Double(rows) : nil }
  }

  /// Bins of equal width from 0 to 1.
  public private(set) var bins: [Bin]

  /// The calibration of predictions, taken together.
  public init(_ predictions: [Predictions], bins count: Int = 10) {
    let count = max(count, 1)
    bins = (0..<count).map {
      Bin(
        low: Double($0) / Double(count), high: Double($0 + 1) / Double(count), rows: 0, correct: 0,
        confidenceSum: 0)
    }
    for run in predictions {
      for row in run.gold.indices {
        let confidence = run.confidence(row)
        let bin = min(count - 1, max(0, Int((confidence * Double(count)).rounded(.up)) - 1))
        bins[bin].rows += 1
        bins[bin].correct += run.predicted[row] == run.gold[row] ? 1 : 0
        bins[bin].confidenceSum += confidence
      }
    }
  }

  /// The number of predictions.
  public var total: Int { bins.reduce(0) { $0 + $1.rows } }

  /// The expected calibration error: the mean distance between accuracy and confidence over the
  /// bins, weighted by their rows; nil if there are no predictions.
  public var expectedError: Double? {
    guard total > 0 else { return nil }
    let distances = bins.reduce(0) { $0 + abs(Double($1.correct) - $1.confidenceSum) }
    return distances / Double(total)
  }
}
