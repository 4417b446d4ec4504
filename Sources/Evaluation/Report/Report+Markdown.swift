import Support

extension Report {
  /// The report as GitHub's dialect of Markdown, without times.
  public func markdown() -> String {
    var parts = ["# \(Markdown.escaped(title))\n"]
    if !notes.isEmpty { parts.append(notes.map { "- \(Markdown.escaped($0))\n" }.joined()) }
    if !claimTests.isEmpty {
      parts += ["## Claims of the paper\n", "\(Markdown.escaped(claimTestMethod))\n"]
      parts.append(
        claimTests.map { "- **\(Markdown.escaped($0.question))** \(Markdown.escaped($0.text))\n" }
          .joined())
      if let lstmNote { parts.append("\(Markdown.escaped(lstmNote))\n") }
    }
    if tasks.count > 1 { parts += ["## Overview\n", overview.markdown] }
    parts.append("## \(resultsTitle)\n")
    for task in tasks {
      parts += ["### \(Markdown.escaped(task.title))\n", "\(Markdown.escaped(rowCounts(task)))\n"]
      parts.append(resultTable(task).markdown)
    }
    parts.append("\(Markdown.escaped(resultsExplanation))\n")
    if !comparisons.isEmpty { parts += ["## Paired tests\n", comparisonTable.markdown] }
    if !results.isEmpty { parts.append("## Classes, on the \(evaluationSplit.rawValue) rows\n") }
    for result in evaluationResults {
      parts.append("### \(Markdown.escaped("\(result.task.title): \(result.variant.title)"))\n")
      if result.hasManyClasses { parts.append("\(result.manyClassesNote)\n") }
      parts += [result.classTable, result.confusionTable].filter { !$0.rows.isEmpty }.map(
        \.markdown)
    }
    parts += misclassificationMarkdown
    let fineTuning = curveGroups.filter { $0.variant.training == .fineTuned }
    if !fineTuning.isEmpty { parts.append("## Fine-tuning (figure 2)\n") }
    for group in fineTuning {
      parts += ["### \(Markdown.escaped(group.title))\n", group.table.markdown]
    }
    if !datasets.isEmpty { parts += ["## Data\n", datasetTable.markdown] }
    if !models.isEmpty { parts += ["## Models\n", modelTable.markdown] }
    if let configurationNote {
      parts += ["## Settings and digests\n", "\(configurationNote)\n"]
    }
    for stage in provenance {
      let (introduction, table) = provenanceTable(stage)
      parts += ["### \(Markdown.escaped(stage.stage))\n", "\(Markdown.escaped(introduction))\n"]
      parts.append(table.markdown)
    }
    return parts.joined(separator: "\n")
  }

  var resultsTitle: String {
    hasPaperResults ? "Results compared with the paper" : "Results"
  }

  /// Explains the numbers of the result tables.
  var resultsExplanation: String {
    let split = evaluationSplit.rawValue
    var sentences = [
      results.contains { $0.seeds.count > 1 }
        ? "Our numbers are means over seeds ± their standard deviation, with Student’s 95 % interval "
          + "of the mean, which covers the choice of seeds. A model with one run has the Wilson "
          + "interval instead, which covers the choice of \(split) rows."
        : "Our numbers are single runs with the Wilson 95 % interval, which covers the choice of "
          + "\(split) rows."
    ]
    if hasPaperResults {
      sentences.append("The paper gives one run of each model and no interval.")
      let schemes = tasks.filter { $0.name == "ei-reg" }.map(\.splitScheme)
      if !schemes.isEmpty { sentences.append("It does not say how it split EI-reg.") }
      if schemes.contains("random") {
        sentences.append("We compare with the random split, the most likely reading.")
      }
    }
    for task in tasks {
      guard let limit = variants(task).compactMap({ result($0, task)?.maxAccuracy }).first
      else { continue }
      sentences.append(
        "Some texts of \(task.title) have several labels, so with one prediction for each text at "
          + "most \(NumberFormat.percent(limit)) % of its \(split) rows can be correct; any-match "
          + "accepts each of the labels.")
    }
    return sentences.joined(separator: " ")
  }

  /// The digest of all settings and inputs, and its meaning; nil if the digest is unknown.
  var configurationNote: String? {
    configurationDigest.map {
      "Configuration \($0): the SHA-256 of all settings and inputs below. Runs with the same "
        + "configuration give the same numbers; comments and the order of the manifest do not matter."
    }
  }
}
