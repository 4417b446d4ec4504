import Support

/// A row that a model misclassified with high confidence.
struct Misclassification: Sendable {
  let variant: ModelVariant
  let seed: Int
  let task: EvaluationTask
  /// The row of the split, counted from 0.
  let row: Int
  let actualClass: String
  let predictedClass: String
  /// The probability of the predicted class.
  let confidence: Double
  /// The ID of the row, or its location in the data, if it is known.
  let id: String?
  /// The text of the row as it was written, if it is known.
  let text: String?

  /// The number of rows that a report lists for a task.
  static let listed = 8

  /// The most confident errors of the reference model or, without it, of the most accurate model: of the
  /// first seed, preferably after fine-tuning.
  /// - Parameter runs: the predictions for one split of a task.
  static func list(_ runs: [Predictions], reference: String) -> [Misclassification] {
    var candidates = runs.filter { $0.variant.name == reference }
    if candidates.isEmpty {
      let accuracies = uniqued(runs.map(\.variant)).map { variant in
        let correct = runs.filter { $0.variant == variant }.flatMap(\.correct)
        return (variant, Double(correct.count { $0 }) / Double(max(correct.count, 1)))
      }
      let best = accuracies.reduce(accuracies.first) { $1.1 > ($0?.1 ?? 0) ? $1 : $0 }
      candidates = runs.filter { $0.variant == best?.0 }
    }
    return list(candidates)
  }

  private static func list(_ runs: [Predictions]) -> [Misclassification] {
    let run =
      runs.filter { $0.variant.training == .fineTuned }.min { $0.seed < $1.seed }
      ?? runs.min { $0.seed < $1.seed }
    guard let run else { return [] }
    return run.mostConfidentErrors(listed).map { row in
      Misclassification(
        variant: run.variant, seed: run.seed, task: run.task, row: row,
        actualClass: run.classNames[run.labels[row]],
        predictedClass: run.classNames[run.predicted[row]],
        confidence: run.confidences[row], id: run.ids[row], text: run.texts[row])
    }
  }
}

extension Report {
  /// What the quoted errors are.
  var misclassificationNote: String {
    "Rows of the \(evaluationSplit.rawValue) split that were misclassified with high confidence, with "
      + "their IDs or, without an ID column, their locations. Texts of published data sets may not be "
      + "redistributed; check their terms before you publish this page."
  }

  /// The section of quoted errors in Markdown; empty if there are none.
  var misclassificationMarkdown: [String] {
    let quoted = misclassifications.filter { $0.text != nil }
    guard !quoted.isEmpty else { return [] }
    return uniqued(quoted.map(\.task)).reduce(
      into: ["## Most confident errors\n", "\(Markdown.escaped(misclassificationNote))\n"]
    ) { parts, task in
      let rows = quoted.filter { $0.task == task }
      guard let first = rows.first else { return }
      let title = "\(task.title): \(first.variant.title), seed \(first.seed)"
      parts += ["### \(Markdown.escaped(title))\n", Self.misclassificationTable(rows).markdown]
    }
  }

  private static func misclassificationTable(_ rows: [Misclassification]) -> Table {
    Table(
      rows,
      [
        .text("row") { Table.Cell($0.id ?? "\($0.row)") },
        .text("text") { Table.Cell(shortened($0.text ?? "", to: 300)) },
        .text("true") { Table.Cell($0.actualClass) },
        .text("predicted") { Table.Cell($0.predictedClass) },
        .number("at %") { Table.Cell(NumberFormat.percent($0.confidence)) },
      ])
  }
}

/// The beginning of a text, cut at a blank if it is longer than `limit`.
func shortened(_ text: String, to limit: Int) -> String {
  guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
    end < text.endIndex
  else { return text }
  let start = text[..<end]
  return (start.lastIndex(where: \.isWhitespace).map { start[..<$0] } ?? start) + " …"
}
