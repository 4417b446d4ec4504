import Evaluation
import StageKit
import Support

/// What `evaluate` reports at its end: the accuracies of the headline table.
struct EvaluationSummary: StageSummary {
  struct Line: Encodable {
    var model: String
    var task: String
    var split: String
    var rows: Int
    var runs: Int
    var accuracy: Double?
    var macroF1: Double?
  }

  let results: [Line]

  init(_ report: Report) {
    results = report.outcomes.map { outcome in
      Line(
        model: outcome.model.title, task: outcome.column.title, split: outcome.split.rawValue,
        rows: outcome.rows, runs: outcome.seeds.count,
        accuracy: outcome.accuracy?.mean, macroF1: outcome.macroF1?.mean)
    }
  }

  var text: String {
    let lines = results.map { line in
      [
        line.model, line.task, line.split, "\(line.rows)", percent(line.accuracy),
        percent(line.macroF1),
      ]
    }
    return TextTable.text(
      [["model", "task", "split", "rows", "accuracy", "macro-F1"]] + lines, numeric: [3, 4, 5])
  }

  private func percent(_ share: Double?) -> String {
    share.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
  }
}
