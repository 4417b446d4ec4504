import Support

extension Report {
  /// The report for readers of plain text, in the dialect of GitHub; without times and without
  /// quoted texts.
  public func markdown() -> String {
    var parts = ["# \(Markdown.escaped(title))\n"]
    parts += notes.isEmpty ? [] : [notes.map { "- \(Markdown.escaped($0))\n" }.joined()]
    if !findings.isEmpty {
      parts += ["## What holds\n", "\(Markdown.escaped(howFindingsAreMade))\n"]
      parts.append(
        findings.map { "- **\(Markdown.escaped($0.question))** \(Markdown.escaped($0.text))\n" }
          .joined() + (remarkOnLSTM.map { "\n\(Markdown.escaped($0))\n" } ?? ""))
    }
    if columns.count > 1 { parts += ["## At a glance\n", overview.markdown] }
    parts.append(isBesidePaper ? "## Results beside the paper's\n" : "## Results\n")
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
    if !models.isEmpty { parts += ["## Models\n", modelTable.markdown] }
    if !provenance.isEmpty { parts.append("## Settings and digests\n") }
    if let recipe { parts.append("\(Self.meaning(ofRecipe: recipe))\n") }
    for stage in provenance {
      let (lead, table) = entries(of: stage)
      parts += ["### \(Markdown.escaped(stage.stage))\n", "\(Markdown.escaped(lead))\n"]
      parts.append(table.markdown)
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
        "With one answer a text, at most \(NumberFormat.percent(limit)) % of the \(judged.rawValue) rows of "
        + "\(column.title) can be right, because some texts stand there under several classes; "
        + "any-match counts a prediction that fits any of them."
    }
    let first =
      several
      ? "Ours are means over seeds ± their standard deviation, with the 95 % interval of the mean "
        + "after Student: what other seeds might give. A model with one run has the Wilson interval "
        + "instead: what other \(judged.rawValue) rows might give."
      : "Ours are single runs with the Wilson 95 % interval: what other \(judged.rawValue) rows might give."
    guard isBesidePaper else { return ([first] + limits).joined(separator: " ") }
    var paper = "The paper prints one run of each model and no interval."
    if columns.contains(where: { $0.task == "ei-reg" }) {
      paper += " It does not say how it split EI-reg."
      if columns.contains(where: { $0.task == "ei-reg" && $0.splitScheme == "random" }) {
        paper += " Its numbers stand beside the random split, the likeliest reading."
      }
    }
    return ([first, paper] + limits).joined(separator: " ")
  }

  /// Whether any of the paper's numbers stands beside ours.
  var isBesidePaper: Bool { judgedOutcomes.contains { $0.paper != nil } }

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

  /// What the digest of all settings and inputs is good for.
  static func meaning(ofRecipe recipe: String) -> String {
    "Recipe \(recipe): the SHA-256 of all settings and inputs below. The same recipe gives the same "
      + "numbers; comments and the order of a manifest are no part of it."
  }

  /// Settings and digests of a stage: all, or what differs from those of an earlier stage that is
  /// nearly the same.
  func entries(of stage: Provenance) -> (lead: String, table: Table) {
    let earlier = provenance.prefix { $0 != stage }
    let near = earlier.first { stage.isVariation(of: $0) }
    let known = Set((near?.all ?? []).map { [$0.label, $0.value] })
    let entries = stage.all.filter { !known.contains([$0.label, $0.value]) }
    return (
      near.map { "As \($0.stage), but for:" } ?? "In full:",
      Table(
        headings: [.text("What"), .text("Value")],
        rows: entries.map { [Table.Cell($0.label), Table.Cell($0.value)] })
    )
  }
}

extension Provenance {
  /// Settings and digests.
  fileprivate var all: [Entry] { settings + digests }

  /// Whether it has the same settings as `other`, all but a few of them with the same values.
  fileprivate func isVariation(of other: Provenance) -> Bool {
    settings.count > 3 && settings.map(\.label) == other.settings.map(\.label)
      && zip(settings, other.settings).count { $0 != $1 } <= 3
  }
}
