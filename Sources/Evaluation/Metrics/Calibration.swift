/// Predictions binned by their confidence, the probability of the predicted class. The confidence of
/// a calibrated model equals its accuracy in each bin.
///
/// In a multi-label task, each label of each row is a prediction, its confidence is the probability of
/// the label, and it counts as correct if the row has the label.
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

  /// Whether the predictions are single labels of a multi-label task.
  let isOfLabels: Bool

  /// Bins the predictions of several runs together.
  /// - Parameter uncalibrated: whether without the temperatures of the models.
  init(_ runs: [Predictions], bins count: Int = 10, uncalibrated: Bool = false) {
    let count = max(count, 1)
    isOfLabels = runs.first?.task.isMultiLabel ?? false
    bins = (0..<count).map {
      Bin(low: Double($0) / Double(count), high: Double($0 + 1) / Double(count))
    }
    for run in runs {
      if let labels = run.labelPredictions {
        add(labels, uncalibrated: uncalibrated)
      } else {
        let confidences = uncalibrated ? run.uncalibrated ?? [] : run.confidences
        for (confidence, isCorrect) in zip(confidences, run.correct) { add(confidence, isCorrect) }
      }
    }
  }

  private mutating func add(_ labels: LabelPredictions, uncalibrated: Bool) {
    let probabilities = uncalibrated ? labels.uncalibrated ?? [] : labels.probabilities
    let classCount = labels.thresholds.count
    for (index, probability) in probabilities.enumerated() {
      let (row, label) = index.quotientAndRemainder(dividingBy: classCount)
      add(min(1, Double(probability)), labels.actual[row].contains(Int32(label)))
    }
  }

  private mutating func add(_ confidence: Double, _ isCorrect: Bool) {
    let bin = Int((confidence * Double(bins.count)).rounded(.up)) - 1
    let index = min(bins.count - 1, max(0, bin))
    bins[index].rows += 1
    bins[index].correct += isCorrect ? 1 : 0
    bins[index].confidenceSum += confidence
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
        .text(confidenceName) {
          Table.Cell(
            "\(NumberFormat.percent($0.low, 0)) – \(NumberFormat.percent($0.high, 0)) %")
        },
        .number("Count") { Table.Cell($0.rows) },
        .number("Mean, %") { Table.Cell(NumberFormat.percent($0.confidence)) },
        .number("\(accuracyName), %") {
          Table.Cell(NumberFormat.percent($0.accuracy), isStrong: true)
        },
      ])
  }

  /// The name of the confidence.
  var confidenceName: String { isOfLabels ? "Probability" : "Confidence" }

  /// The name of the fraction of correct predictions.
  var accuracyName: String { isOfLabels ? "With the label" : "Accuracy" }

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
