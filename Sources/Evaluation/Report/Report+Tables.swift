import Shards

/// The tables that Markdown and HTML share.
extension Report {
  /// Accuracies of a column's models beside the paper's.
  func headline(_ column: EvaluationTask) -> Table {
    let models = models(column)
    let judgements = models.compactMap { outcome($0, column) }
    let paper =
      judged == .test
      && models.contains { PaperResults.line(model: $0, column: column) != nil }
    let train =
      judged != .train && (paper || models.contains { outcome($0, column, .train) != nil })
    let anyMatch = judgements.contains { $0.anyMatch != nil }
    var headings: [Table.Heading] = [.text("Model")]
    if paper { headings.append(.number("Train, paper")) }
    if train { headings.append(.number("Train, ours")) }
    if paper { headings.append(.number("Test, paper")) }
    headings += [
      .number("\(judged.rawValue.capitalized), ours"), .number("95 % interval"),
      .number("Macro-F1"),
    ]
    if anyMatch { headings.append(.number("Any-match")) }
    headings.append(.number("Seeds"))
    let rows = models.map { model in
      let (trained, result) = (outcome(model, column, .train), outcome(model, column))
      var row = [Table.Cell(model.title)]
      if paper { row.append(Self.paper(model, column, .train)) }
      if train { row.append(Self.cell(trained?.accuracy)) }
      if paper { row.append(Self.paper(model, column, .test)) }
      row.append(Self.cell(result?.accuracy, strong: true))
      row += [
        Table.Cell(NumberFormat.range(result?.accuracy?.interval)), Self.cell(result?.macroF1),
      ]
      if anyMatch { row.append(Self.cell(result?.anyMatch)) }
      row.append(Table.Cell(String((result ?? trained)?.seeds.count ?? 0)))
      return row
    }
    return Table(headings: headings, rows: rows)
  }

  /// All columns in one table: the paper's accuracies and ours, mean ± deviation over seeds. A model
  /// and what was fine-tuned from it share a row where they were not tested on the same rows.
  var overview: Table {
    let columns = columns
    let paper = columns.filter { column in
      judged == .test
        && models(column).contains { PaperResults.line(model: $0, column: column) != nil }
    }
    var headings: [Table.Heading] = [.text("Accuracy, %")]
    for column in columns {
      if paper.contains(column) { headings.append(.number("\(column.title): paper")) }
      headings.append(.number(paper.contains(column) ? "ours" : column.title))
    }
    let rows = Model.ordered(outcomes.map(\.model)).compactMap { model -> [Table.Cell]? in
      let trained = model.trained
      let isShared = columns.allSatisfy { column in
        outcome(trained, column) == nil || outcome(model.fineTuned, column) == nil
      }
      let tuned = columns.filter { outcome(model.fineTuned, $0) != nil }
      let isMerged = isShared && !tuned.isEmpty && columns.contains { outcome(trained, $0) != nil }
      if isMerged, model != trained { return nil }
      let note = isMerged ? "\(tuned.map(\.title).joined(separator: ", ")): fine-tuned" : nil
      var row = [Table.Cell(model.title, detail: note.map { "(\($0))" })]
      for column in columns {
        let result =
          outcome(model, column)
          ?? (isMerged ? outcome(model.fineTuned, column) : nil)
        if paper.contains(column) {
          row.append(
            result == nil ? Table.Cell(NumberFormat.none) : Self.paper(model, column, .test))
        }
        row.append(Self.cell(result?.accuracy, strong: true))
      }
      return row
    }
    return Table(headings: headings, rows: rows)
  }

  /// The model files.
  var modelTable: Table {
    Table(
      headings: [
        .text("Model"), .number("Seed"), .text("Tested on"), .text("Made by"), .text("SHA-256"),
      ],
      rows: models.map { model in
        [
          Table.Cell(model.model.title), Table.Cell(String(model.seed)),
          Table.Cell(model.columns.map(\.title).joined(separator: ", ")),
          Table.Cell(model.stage.isEmpty ? NumberFormat.none : model.stage),
          Table.Cell(model.sha256),
        ]
      })
  }

  /// What a column's numbers were measured on, in a phrase.
  func scope(_ column: EvaluationTask) -> String {
    let found = Split.allCases.compactMap { split -> String? in
      let counts = outcomes.filter { $0.column == column && $0.split == split }.map(\.rows)
      guard let rows = counts.max() else { return nil }
      return "\(NumberFormat.grouped(rows)) \(split.rawValue)"
    }
    return "Accuracy in %; rows: \(found.joined(separator: ", "))."
  }

  /// The paired tests.
  func comparisonTable() -> Table {
    let intervals = comparisons.contains { $0.interval != nil }
    var headings: [Table.Heading] = [
      .text("Models"), .text("On"), .number("Difference, points"), .number("p"),
      .number("p after Holm"), .text("Test"),
    ]
    if intervals { headings.insert(.number("95 % interval"), at: 3) }
    let rows = comparisons.map { comparison in
      let counts = comparison.mcNemar.map {
        "(\($0.onlyFirst) : \($0.onlySecond) rows, exact p \(NumberFormat.probability($0.exact)))"
      }
      var row = [
        Table.Cell("\(comparison.first.title) against \(comparison.second.title)"),
        Table.Cell(comparison.column.title),
        Table.Cell(NumberFormat.points(comparison.difference), strong: true),
        Table.Cell(NumberFormat.probability(comparison.pValue)),
        Table.Cell(NumberFormat.probability(comparison.adjusted)),
        Table.Cell(comparison.test.rawValue, detail: counts),
      ]
      if intervals { row.insert(Table.Cell(NumberFormat.pointsRange(comparison.interval)), at: 3) }
      return row
    }
    return Table(headings: headings, rows: rows)
  }

  /// Precision, recall and F1 of each class.
  static func classTable(_ outcome: EvaluationResult) -> Table {
    Table(
      headings: [
        .text("Class"), .number("Rows"), .number("Precision"), .number("Recall"), .number("F1"),
      ],
      rows: outcome.classes.map { scores in
        [
          Table.Cell(scores.label),
          Table.Cell(NumberFormat.grouped(scores.rows / outcome.seeds.count)),
          Table.Cell(NumberFormat.percent(scores.precision)),
          Table.Cell(NumberFormat.percent(scores.recall)),
          Table.Cell(NumberFormat.percent(scores.f1), strong: true),
        ]
      })
  }

  /// How often each class was taken for each class.
  static func confusionTable(_ outcome: EvaluationResult) -> Table {
    Table(
      headings: [.text("True \\ predicted")] + outcome.classNames.map(Table.Heading.number),
      rows: outcome.classNames.enumerated().map { gold, label in
        [Table.Cell(label)]
          + outcome.classNames.indices.map { predicted in
            Table.Cell(
              NumberFormat.grouped(outcome.confusion[gold: gold, predicted: predicted]),
              strong: gold == predicted)
          }
      })
  }

  /// What the data consist of.
  func dataTable() -> Table {
    Table(
      headings: [
        .text("Data"), .text("Split"), .number("Rows"), .text("Classes"), .number("Tokens a row"),
        .number("Tokens with a vector"), .number("Words with a vector"), .number("Repeated texts"),
      ],
      rows: data.map { summary in
        let rows = summary.rows.reduce(0, +)
        let classes = zip(summary.classNames, summary.rows).map {
          "\($0) \(NumberFormat.grouped($1))"
        }
        return [
          Table.Cell(summary.column.title), Table.Cell(summary.split.rawValue),
          Table.Cell(NumberFormat.grouped(rows), strong: true),
          Table.Cell(classes.joined(separator: ", ")),
          Table.Cell(NumberFormat.fixed(rows > 0 ? Double(summary.tokens) / Double(rows) : nil, 1)),
          Table.Cell(Self.share(summary.tokenCoverage)),
          Table.Cell(Self.share(summary.typeCoverage)),
          Table.Cell(NumberFormat.grouped(summary.duplicates)),
        ]
      })
  }

  /// A measure in percent with its deviation over several seeds.
  static func cell(_ spread: SeedStatistics?, strong: Bool = false) -> Table.Cell {
    guard let spread else { return Table.Cell(NumberFormat.none) }
    return Table.Cell(
      NumberFormat.percent(spread.mean),
      detail: spread.standardDeviation.map { "± \(NumberFormat.percent($0))" }, strong: strong)
  }

  private static func paper(_ model: Model, _ column: EvaluationTask, _ split: Split) -> Table.Cell
  {
    let line = PaperResults.line(model: model, column: column)
    let value = PaperResults.accuracy(model: model, column: column, split: split)
    guard let value else { return Table.Cell(NumberFormat.none) }
    // The paper's own reservation belongs to its test number.
    let bound = split == .test && line?.note != nil
    return Table.Cell((bound ? "≤ " : "") + NumberFormat.percent(value))
  }

  private static func share(_ fraction: Double?) -> String {
    fraction.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
  }
}
