/// Predictions binned by their confidence, the probability of the predicted class. The confidence of
/// a calibrated model equals its accuracy in each bin.
struct Calibration: Sendable, Equatable {
  /// The predictions whose confidence is above `low` and at most `high`; the first bin includes 0.
  struct Bin: Sendable, Equatable {
    let low: Double
    let high: Double
    var rows = 0
    var correct = 0
    var confidenceSum = 0.0

    /// The fraction of correct predictions; nil if the bin is empty.
    var accuracy: Double? { rows > 0 ? Double(correct) / Double(rows) : nil }
    /// The mean confidence; nil if the bin is empty.
    var confidence: Double? { rows > 0 ? confidenceSum / Double(rows) : nil }
  }

  /// Bins of equal width from 0 to 1.
  private(set) var bins: [Bin]

  /// Bins the predictions of several runs together.
  /// - Parameter confidences: the confidences of the rows of a run.
  init(
    _ runs: [Predictions], bins count: Int = 10,
    confidences: (Predictions) -> [Double] = \.confidences
  ) {
    let count = max(count, 1)
    bins = (0..<count).map {
      Bin(low: Double($0) / Double(count), high: Double($0 + 1) / Double(count))
    }
    for run in runs {
      for (row, confidence) in confidences(run).enumerated() {
        let bin = min(count - 1, max(0, Int((confidence * Double(count)).rounded(.up)) - 1))
        bins[bin].rows += 1
        bins[bin].correct += run.predicted[row] == run.labels[row] ? 1 : 0
        bins[bin].confidenceSum += confidence
      }
    }
  }

  /// The fewest predictions from which the accuracy of a bin is shown.
  static let minimumRows = 10

  /// The bins with enough predictions to show their accuracy.
  var legibleBins: [Bin] { bins.filter { $0.rows >= Self.minimumRows } }

  /// The legible bins.
  var table: Table {
    Table(
      legibleBins,
      [
        .text("Confidence") {
          Table.Cell(
            "\(NumberFormat.percent($0.low, 0)) – \(NumberFormat.percent($0.high, 0)) %")
        },
        .number("Count") { Table.Cell($0.rows) },
        .number("Mean, %") { Table.Cell(NumberFormat.percent($0.confidence)) },
        .number("Accuracy, %") {
          Table.Cell(NumberFormat.percent($0.accuracy), isStrong: true)
        },
      ])
  }

  /// The number of predictions.
  var total: Int { bins.reduce(0) { $0 + $1.rows } }

  /// The expected calibration error: the distance between accuracy and confidence, averaged over the
  /// bins with their rows as weights; nil if there are no predictions.
  var expectedError: Double? {
    guard total > 0 else { return nil }
    let distances = bins.reduce(0) { $0 + abs(Double($1.correct) - $1.confidenceSum) }
    return distances / Double(total)
  }
}
