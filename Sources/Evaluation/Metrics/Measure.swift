/// The main measure of a task. The raw value is its name in reports.
enum Measure: String, CaseIterable, Sendable {
  /// The fraction of the rows whose class is predicted.
  case accuracy
  /// In a multi-label task the F1 score of the labels of all rows together, 2 correct / (predicted +
  /// true), as scikit-learn's `f1_score(average="micro")`. With one label a row it is the accuracy.
  case microF1 = "micro-F1"

  /// The key in report.json.
  var key: String { self == .accuracy ? rawValue : "microF1" }

  /// The measures of tasks as a phrase.
  static func phrase(_ measures: some Sequence<Measure>) -> String {
    let measures = Set(measures)
    return measures.count > 1
      ? "accuracy (micro-F1 in multi-label tasks)" : (measures.first ?? .accuracy).rawValue
  }
}

extension String {
  /// As the beginning of a heading or sentence.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

/// The terms of the measure of a run: the sum of the gains of its rows, divided by that of their sizes.
/// Any sample of rows has the measure of its terms.
struct MeasureTerms: Sendable, Equatable {
  /// 1 for a correct row, otherwise 0; in a multi-label task, twice the number of correct labels; [rows].
  let gains: [Int]
  /// In a multi-label task, the number of predicted labels and of true ones; nil if all are 1; [rows].
  let sizes: [Int]?

  /// The terms of the accuracy.
  init(correct: [Bool]) {
    gains = correct.map { $0 ? 1 : 0 }
    sizes = nil
  }

  /// The terms of micro-F1.
  init(_ labels: LabelPredictions) {
    let rows = 0..<labels.actual.count
    gains = rows.map { 2 * labels.correctLabels(of: $0).count }
    sizes = rows.map { labels.actual[$0].count + labels.predicted[$0].count }
  }

  /// The terms of several runs.
  init(_ runs: [MeasureTerms]) {
    gains = runs.flatMap(\.gains)
    let sizes = runs.compactMap(\.sizes)
    self.sizes = sizes.isEmpty ? nil : sizes.flatMap { $0 }
  }

  /// The measure of some rows; nil if they have no sizes.
  func score(_ rows: some Sequence<Int>) -> Double? {
    let (gain, size) = rows.reduce((0, 0)) { ($0.0 + gains[$1], $0.1 + (sizes?[$1] ?? 1)) }
    return size > 0 ? Double(gain) / Double(size) : nil
  }

  /// The measure of all rows.
  var score: Double? { score(gains.indices) }
}
