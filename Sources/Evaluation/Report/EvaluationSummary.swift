import Support

/// The summary that `evaluate` prints: the main metrics of each result.
public struct EvaluationSummary: Encodable {
  private struct Row: Encodable {
    var model: String
    var task: String
    var split: String
    var rows: Int
    var runs: Int
    var accuracy: Double?
    var microF1: Double?
    var macroF1: Double?
    var subsetAccuracy: Double?
    let measure: Measure

    private enum CodingKeys: CodingKey {
      case model, task, split, rows, runs, accuracy, microF1, macroF1, subsetAccuracy
    }
  }

  private let results: [Row]
  private let crossValidationNotes: [String]
  /// Signs that results are useless or not those that were asked for.
  public let warnings: [String]

  private enum CodingKeys: CodingKey { case results }

  /// Summarizes a report.
  public init(_ report: Report) {
    warnings = report.warnings
    crossValidationNotes = CrossValidation.notes(report.crossValidations)
    results = report.results.map { result in
      Row(
        model: result.variant.title, task: result.task.title, split: result.split.rawValue,
        rows: result.rows, runs: result.seeds.count,
        accuracy: result.task.isMultiLabel ? nil : result.score?.mean,
        microF1: result.task.isMultiLabel ? result.score?.mean : nil,
        macroF1: result.macroF1?.mean, subsetAccuracy: result.subsetAccuracy?.mean,
        measure: result.task.measure)
    }
  }

  /// The summary as a text table for each measure.
  public var text: String {
    let tables = Measure.allCases.compactMap { measure -> String? in
      let results = results.filter { $0.measure == measure }
      if results.isEmpty { return nil }
      let metrics: [(name: String, value: KeyPath<Row, Double?>)] =
        measure == .accuracy
        ? [("accuracy", \.accuracy), ("macro-F1", \.macroF1)]
        : [
          ("micro-F1", \.microF1), ("macro-F1", \.macroF1), ("subset accuracy", \.subsetAccuracy),
        ]
      let rows = results.map { row in
        [row.model, row.task, row.split, "\(row.rows)"]
          + metrics.map { metric in
            row[keyPath: metric.value].map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
          }
      }
      return TextTable.text(
        [["model", "task", "split", "rows"] + metrics.map(\.name)] + rows,
        numeric: Set(3..<4 + metrics.count))
    }
    return ([tables.joined(separator: "\n\n")] + crossValidationNotes).joined(separator: "\n")
  }
}
