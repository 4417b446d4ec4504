import StageKit
import Support

/// The summary that `evaluate` prints: accuracy and macro-F1 of each result.
package struct EvaluationSummary: StageSummary {
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

  package init(_ report: Report) {
    results = report.results.map { result in
      Row(
        model: result.variant.title, task: result.task.title, split: result.split.rawValue,
        rows: result.rows, runs: result.seeds.count,
        accuracy: result.accuracy?.mean, macroF1: result.macroF1?.mean)
    }
  }

  package var text: String {
    let rows = results.map { row in
      [row.model, row.task, row.split, "\(row.rows)"]
        + [row.accuracy, row.macroF1].map { fraction in
          fraction.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
        }
    }
    return TextTable.text(
      [["model", "task", "split", "rows", "accuracy", "macro-F1"]] + rows, numeric: [3, 4, 5])
  }
}
