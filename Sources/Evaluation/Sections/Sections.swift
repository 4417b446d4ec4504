import Support

extension Report {
  /// The sections in their order. A section is nil if there is nothing to show.
  var sections: [Section] {
    let names = FigureSet(self)
    return [
      resultSection(names), crossValidationSection, sharingSection, comparisonSection,
    ].compactMap { $0 }
      + tasks.map { taskSection($0, names) } + [costSection, provenanceSection].compactMap { $0 }
  }

  private func resultSection(_ figures: FigureSet) -> Section? {
    if results.isEmpty { return nil }
    return Section("results", resultsTitle) {
      Block.figures(tasks.filter { variants($0).count > 1 }.compactMap(figures.accuracies))
      for measure in Measure.allCases where tasks.count(where: { $0.measure == measure }) > 1 {
        let isOnly = tasks.allSatisfy { $0.measure == measure }
        Block.table(
          overview(measure),
          caption:
            "All \(isOnly ? "" : measure == .microF1 ? "multi-label " : "other ")tasks: \(measure.rawValue) on the "
            + "\(evaluationSplit.adjective) rows in %"
            + (tasks.contains { evaluationSplit(of: $0) != evaluationSplit }
              ? ", unless the heading names others" : "")
            + (results.contains { $0.seeds.count > 1 }
              ? ", means over seeds ± their standard deviation." : "."),
          isStacked: true)
      }
      for task in tasks {
        if tasks.count > 1 { Block.heading(task.title) }
        Block.table(resultTable(task), caption: rowCounts(task), isStacked: true)
      }
      Block.explanation(
        [resultsExplanation, headlineMethod].compactMap { $0 }.joined(separator: " "))
    }
  }

  /// Wall time and memory, which differ between equal runs.
  private var costSection: Section? {
    if provenance.isEmpty { return nil }
    let seconds = provenance.map(\.seconds).filter(\.isFinite)
    let (maxSeconds, maxBytes) = (seconds.max() ?? 0, provenance.map(\.peakBytes).max() ?? 0)
    let table = Table(
      provenance,
      [
        .text("Stage") { Table.Cell($0.stage) },
        .number("Time") {
          Table.Cell(NumberFormat.duration($0.seconds), bar: $0.seconds / maxSeconds)
        },
        .number("Peak memory") {
          Table.Cell(
            NumberFormat.bytes($0.peakBytes), bar: Double($0.peakBytes) / Double(maxBytes))
        },
      ])
    return Section("costs", "Time and memory", isOnlyInPage: true) {
      Block.table(
        table,
        caption: "Wall time and peak memory of each stage; "
          + "\(NumberFormat.duration(seconds.reduce(0, +))) in total.")
    }
  }

  private var provenanceSection: Section? {
    if provenance.isEmpty, models.isEmpty { return nil }
    return Section("provenance", "Settings and digests") {
      if let configurationNote { Block.explanation(configurationNote) }
      if !models.isEmpty {
        Block.details("Models", NumberFormat.count(models.count, "file"), style: "provenance") {
          Block.table(modelTable, caption: "The evaluated model files.", isStacked: true)
        }
      }
      for stage in provenance {
        Block.details(
          stage.stage,
          "\(NumberFormat.count(stage.settings.count, "setting")), "
            + NumberFormat.count(stage.digests.count, "digest"),
          style: "provenance"
        ) {
          let (introduction, table) = provenanceTable(stage)
          Block.table(
            table, caption: "Settings and SHA-256 digests of \(stage.stage). \(introduction)")
        }
      }
    }
  }

  var resultsTitle: String { hasPaperResults ? "Results compared with the paper" : "Results" }

  /// Explains the numbers of the result tables.
  private var resultsExplanation: String {
    let split = evaluationSplit.adjective
    let start = hasPaperResults ? "Our numbers" : "The numbers"
    let multiLabel = tasks.filter(\.isMultiLabel)
    let method = multiLabel.count == tasks.count ? "a bootstrap" : "the Wilson"
    var sentences = [
      results.contains { $0.seeds.count > 1 }
        ? "\(start) are means over seeds ± their standard deviation, with Student’s 95 % interval "
          + "of the mean, which covers the choice of seeds. A model with one run has \(method) "
          + "interval instead, which covers the choice of \(split) rows."
        : "\(start) are single runs with \(method) 95 % interval, which covers the choice of "
          + "\(split) rows."
    ]
    if !multiLabel.isEmpty {
      sentences.append(
        "In multi-label tasks, micro-F1 takes the place of accuracy: the F1 score of the labels of all rows "
          + "together, which is the accuracy if each row has one label. Of a single run, it has the "
          + "interval of a bootstrap over texts. Macro-F1 is the mean over the labels that occur or are "
          + "predicted, and subset accuracy the fraction of rows with exactly the right labels.")
    }
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
  private var configurationNote: String? {
    configurationDigest.map {
      "Configuration \($0): the SHA-256 of all settings and inputs below. Runs with the same "
        + "configuration give the same numbers; comments and the order of the manifest do not matter."
    }
  }
}
