extension Report {
  /// The report for readers of plain text, in the dialect of GitHub; without times and without
  /// quoted texts.
  public func markdown() -> String {
    var parts = ["# \(Markdown.escaped(title))\n"]
    parts += notes.isEmpty ? [] : [notes.map { "- \(Markdown.escaped($0))\n" }.joined()]
    parts.append("## Results beside the paper's\n")
    for column in columns {
      parts.append("### \(Markdown.escaped(column.title))\n")
      parts.append("\(Markdown.escaped(scope(column)))\n")
      parts.append(headline(column).markdown)
    }
    parts.append("\(Markdown.escaped(howToRead))\n")
    if !comparisons.isEmpty {
      parts += ["## Paired tests\n", comparisonTable().markdown]
    }
    parts += classSections()
    let tuned = curveBundles.filter { $0.model.training == .fineTuned }
    if !tuned.isEmpty { parts.append("## Fine-tuning (figure 2)\n") }
    for bundle in tuned {
      parts += ["### \(Markdown.escaped(bundle.title))\n", bundle.table.markdown]
    }
    if !data.isEmpty { parts += ["## Data\n", dataTable().markdown] }
    if !provenance.isEmpty { parts.append("## Settings and digests\n") }
    for stage in provenance {
      parts += ["### \(Markdown.escaped(stage.stage))\n", Self.entryTable(stage).markdown]
    }
    return parts.joined(separator: "\n")
  }

  /// What the numbers mean, in a paragraph.
  var howToRead: String {
    let several = outcomes.contains { $0.seeds.count > 1 }
    let limits = columns.compactMap { column -> String? in
      guard let limit = models(column).compactMap({ outcome($0, column)?.strictLimit }).first
      else { return nil }
      return
        "With one answer a text, at most \(Numeral.percent(limit)) % of the \(judged.rawValue) rows of "
        + "\(column.title) can be right, because some texts stand there under several classes; "
        + "any-match counts a prediction that fits any of them."
    }
    let first =
      several
      ? "Ours are means over seeds ± their standard deviation, with the 95 % interval of the mean "
        + "after Student: what other seeds might give. A model with one run has the Wilson interval "
        + "instead: what other \(judged.rawValue) rows might give."
      : "Ours are single runs with the Wilson 95 % interval: what other \(judged.rawValue) rows might give."
    var paper = "The paper prints one run of each model and no interval."
    if columns.contains(where: { $0.task == "ei-reg" }) {
      paper += " It does not say how it split EI-reg."
    }
    return ([first, paper] + limits).joined(separator: " ")
  }

  /// Class scores and confusion matrices of every model.
  private func classSections() -> [String] {
    let shown = judgedOutcomes
    guard !shown.isEmpty else { return [] }
    return ["## Classes, on the \(judged.rawValue) rows\n"]
      + shown.flatMap { outcome in
        [
          "### \(Markdown.escaped("\(outcome.column.title): \(outcome.model.title)"))\n",
          Self.classTable(outcome).markdown, Self.confusionTable(outcome).markdown,
        ]
      }
  }

  /// Settings and digests of a stage.
  static func entryTable(_ stage: Provenance) -> Table {
    Table(
      headings: [.text("What"), .text("Value")],
      rows: (stage.settings + stage.digests).map { [Table.Cell($0.label), Table.Cell($0.value)] })
  }
}
