import Support

/// The summary that `evaluate` prints: accuracy and macro-F1 of each result.
public struct EvaluationSummary: Encodable {
  private struct Row: Encodable {
    var model: String
    var task: String
    var split: String
    var rows: Int
    var runs: Int
    var accuracy: Double?
    var macroF1: Double?
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
        accuracy: result.accuracy?.mean, macroF1: result.macroF1?.mean)
    }
  }

  /// The summary as a text table.
  public var text: String {
    let rows = results.map { row in
      [row.model, row.task, row.split, "\(row.rows)"]
        + [row.accuracy, row.macroF1].map { fraction in
          fraction.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
        }
    }
    let table = TextTable.text(
      [["model", "task", "split", "rows", "accuracy", "macro-F1"]] + rows, numeric: [3, 4, 5])
    return ([table] + crossValidationNotes).joined(separator: "\n")
  }
}
