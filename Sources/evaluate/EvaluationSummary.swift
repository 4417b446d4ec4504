import Reports
import Stage

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
    return aligned([["model", "task", "split", "rows", "accuracy", "macro-F1"]] + lines)
  }

  private func aligned(_ lines: [[String]]) -> String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - line[column].count)
        return column < 3 ? line[column] + gap : gap + line[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private func percent(_ share: Double?) -> String {
    guard let share else { return "-" }
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
