import Support

extension Report {
  /// The rows whose labels look wrong.
  @BlockBuilder func suspectBlocks(_ task: EvaluationTask) -> [Block] {
    if let check = labelChecks.first(where: { $0.task == task }) {
      Block.heading("Labels to look at again")
      Block.explanation(
        "\(check.summary), to bags of words that were fitted without the row. \(Evaluator.suspectFile) lists "
          + "them, the most suspicious first. The score is the probability of the suggestion if the label "
          + "is the only alternative. Many of these labels are right: read a row before you change it."
      )
      if !check.suspects.isEmpty {
        Block.table(
          Self.suspectTable(check.suspects.prefix(LabelCheck.listed)),
          caption: "Training and validation rows; texts are cut at 300 characters.", isStacked: true
        )
      }
    }
  }

  private static func suspectTable(_ rows: some Sequence<SuspectLabel>) -> Table {
    Table(
      rows,
      [
        .text("Row") { Table.Cell($0.id) },
        .text("Text") { Table.Cell(shortened($0.text, to: 300)) },
        .text("Label") { Table.Cell($0.label) },
        .text("Suggestion") { Table.Cell($0.suggestion, isStrong: true) },
        .number("Score, %") { Table.Cell(NumberFormat.percent($0.score)) },
      ])
  }
}

extension LabelCheck: JSONConvertible {
  var json: JSON {
    .object(
      task.members,
      [
        "checked": rows, "found": suspects.count,
        "rows": suspects.prefix(Self.listed).map { row in
          JSON.object([
            "split": row.split.rawValue, "id": row.id, "text": row.text, "label": row.label,
            "suggestion": row.suggestion, "score": row.score,
          ])
        },
      ])
  }
}
