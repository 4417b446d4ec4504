import Support

extension Report {
  /// The most confident errors of the first seed, with their texts and IDs.
  @BlockBuilder func mistakeBlocks(_ task: EvaluationTask) -> [Block] {
    let quoted = misclassifications.filter { $0.task == task && $0.text != nil }
    if let first = quoted.first {
      Block.heading("Most confident errors")
      Block.explanation(
        "Rows of the \(evaluationSplit(of: task).adjective) split that \(first.variant.title)"
          + (result(first.variant, task)?.seeds.count ?? 1 > 1 ? ", seed \(first.seed)," : "")
          + " misclassified with high confidence, with their IDs or, without an ID column, their "
          + "locations. Texts of published data sets may not be redistributed; check their terms before "
          + "you publish this report.")
      Block.page(tag("div", ["class": "quotes"]) { for row in quoted { Self.quote(row) } })
      Block.onlyInMarkdown(
        .table(Self.mistakeTable(quoted), caption: "Texts are cut at 300 characters."))
    }
  }

  private static func quote(_ row: Misclassification) -> HTML {
    tag("figure", ["class": "quote"]) {
      tag("blockquote", ["dir": "auto"]) {
        shortened((row.text ?? "").replacing("\r\n", with: "\n"), to: 420)
      }
      tag("figcaption") {
        "predicted "
        tag("b", ["class": "wrong"]) { row.predictedClass }
        " at \(NumberFormat.percent(row.confidence)) %, true "
        tag("b", ["class": "right"]) { row.actualClass }
        " "
        tag("code") { row.id ?? "row \(row.row)" }
      }
    }
  }

  private static func mistakeTable(_ rows: [Misclassification]) -> Table {
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

  /// The beginning of a text, cut at a blank if it is longer than `limit`.
  private static func shortened(_ text: String, to limit: Int) -> String {
    guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
      end < text.endIndex
    else { return text }
    let start = text[..<end]
    return (start.lastIndex(where: \.isWhitespace).map { start[..<$0] } ?? start) + " …"
  }
}
