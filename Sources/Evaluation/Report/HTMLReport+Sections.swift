extension HTMLReport {
  var claims: Section? {
    if report.claimTests.isEmpty { return nil }
    return Section("findings", "Claims of the paper") {
      tag("p") { report.claimTestMethod }
      tag("ul", ["class": "findings"]) {
        for claim in report.claimTests {
          tag("li") {
            tag("strong") { claim.question }
            " \(claim.text)"
          }
        }
      }
      if let note = report.lstmNote { tag("p") { note } }
    }
  }

  var results: Section? {
    if report.results.isEmpty { return nil }
    return Section("results", report.resultsTitle) {
      Self.grid(report.tasks.compactMap(figures.accuracies))
      if report.tasks.count > 1 {
        tag("div", ["class": "result"]) {
          report.overview.html(
            caption: "All tasks: means over seeds ± their standard deviation.", stacked: true)
        }
      }
      Self.blocks(report.tasks) {
        report.resultTable($0).html(caption: report.rowCounts($0), stacked: true)
      }
      tag("p", ["class": "explanation"]) { report.resultsExplanation }
    }
  }

  var comparisons: Section? {
    if report.comparisons.isEmpty { return nil }
    let split = report.evaluationSplit.rawValue
    return Section("tests", "Paired tests") {
      tag("p") {
        "Both models predicted the same \(split) rows. The p-value is the probability of a difference "
          + "at least this large if the models were equally good. Holm’s adjustment accounts for the "
          + "number of tests: all adjusted values below 0.05 are significant together."
      }
      report.comparisonTable.html(
        caption: "Difference in \(split) accuracy, in percentage points.", stacked: true)
    }
  }

  var fineTuning: Section? {
    curves(
      "fine-tuning", "Fine-tuning (figure 2)", .fineTuned,
      "Loss and accuracy while the model learns a new task, as in the paper’s figure 2.")
  }

  var learning: Section? {
    curves("learning", "Learning curves", .trained, "Loss and accuracy during training.")
  }

  private func curves(
    _ anchor: String, _ title: String, _ training: TrainingMode, _ introduction: String
  ) -> Section? {
    let groups = report.curveGroups.filter { $0.variant.training == training }
    if groups.isEmpty { return nil }
    return Section(anchor, title) {
      tag("p") {
        introduction
          + (groups.contains { $0.curves.count > 1 }
            ? " Lines are means over seeds; bands show the range of the seeds." : "")
          + " Training values are averages over the batches of the epoch, with dropout; validation "
          + "values are measured after the epoch, without dropout."
      }
      Self.blocks(groups.map(\.task)) { task in
        for (index, group) in groups.filter({ $0.task == task }).enumerated() {
          Self.details(group.variant.title, isOpen: index == 0) {
            Self.grid(figures.curves(group))
            Self.details("Values", class: "numbers") {
              group.table.html(
                caption: "\(group.title): means over "
                  + "\(NumberFormat.count(group.curves.count, "seed")).")
            }
          }
        }
      }
    }
  }

  var classes: Section? {
    let results = report.evaluationResults.filter { $0.confusion.total > 0 }
    if results.isEmpty { return nil }
    return Section("classes", "Classes, confusions, reliability") {
      tag("p") {
        "Measured on the \(report.evaluationSplit.rawValue) rows. Class scores are means over seeds; "
          + "confusions and reliability cover the predictions of all seeds. A cell of a confusion "
          + "matrix shows the percentage of the true class and the number of predictions."
      }
      Self.blocks(results.map(\.task)) { task in
        for (index, result) in results.filter({ $0.task == task }).enumerated() {
          Self.details(
            result.variant.title,
            "accuracy \(NumberFormat.percent(result.accuracy?.mean)) %, macro-F1 "
              + NumberFormat.percent(result.macroF1?.mean),
            isOpen: index == 0
          ) {
            Self.grid(figures.classes(result))
            if result.hasManyClasses { Self.manyClasses(result) }
          }
        }
      }
    }
  }

  @HTMLBuilder private static func manyClasses(_ result: EvaluationResult) -> HTML {
    tag("p", ["class": "explanation"]) { result.manyClassesNote }
    // The tables are in elements of the grid, which would stretch them to the same height.
    tag("div", ["class": "grid"]) {
      tag("div") { result.classTable.html(caption: "The classes with the lowest F1, in %.") }
      if !result.confusionTable.rows.isEmpty {
        tag("div") { result.confusionTable.html(caption: "The most frequent confusions.") }
      }
    }
  }

  var misclassifications: Section? {
    let quoted = report.misclassifications.filter { $0.text != nil }
    if quoted.isEmpty { return nil }
    return Section("mistakes", "Most confident errors") {
      tag("p") {
        report.misclassificationNote
      }
      Self.blocks(quoted.map(\.task)) { task in
        let rows = quoted.filter { $0.task == task }
        if let first = rows.first {
          tag("p", ["class": "explanation"]) { "\(first.variant.title), seed \(first.seed)" }
        }
        tag("div", ["class": "quotes"]) { for row in rows { Self.quote(row) } }
      }
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

  var data: Section? {
    if report.datasets.isEmpty { return nil }
    return Section("data", "Data") {
      report.datasetTable.html(caption: "The rows of each split.", stacked: true)
      Self.blocks(report.datasets.map(\.task)) { Self.grid(figures.data($0)) }
    }
  }

  var costs: Section? {
    if report.provenance.isEmpty { return nil }
    let seconds = report.provenance.map(\.seconds).filter(\.isFinite)
    let maxSeconds = seconds.max() ?? 0
    let maxBytes = Double(report.provenance.map(\.peakBytes).max() ?? 0)
    return Section("costs", "Time and memory") {
      tag("table", ["class": "costs"]) {
        tag("caption") {
          "Wall time and peak memory of each stage; "
            + "\(NumberFormat.duration(seconds.reduce(0, +))) in total."
        }
        tag("thead") {
          tag("tr") {
            for heading in ["Stage", "Time", "Peak memory"] {
              tag("th", ["scope": "col"]) { heading }
            }
          }
        }
        tag("tbody") {
          for stage in report.provenance {
            tag("tr") {
              tag("th", ["scope": "row"]) { stage.stage }
              Self.bar(
                stage.seconds / maxSeconds, NumberFormat.duration(stage.seconds), class: "time")
              Self.bar(
                Double(stage.peakBytes) / maxBytes, NumberFormat.bytes(stage.peakBytes),
                class: "memory")
            }
          }
        }
      }
    }
  }

  /// A number above a bar of its fraction of the maximum.
  private static func bar(_ fraction: Double, _ text: String, class style: String) -> HTML {
    let width = fraction.isFinite ? min(max(fraction, 0), 1) * 100 : 0
    return tag("td", ["class": "number"]) {
      text
      tag("span", ["class": "bar \(style)", "aria-hidden": "true"]) {
        tag("span", ["style": "width:\(NumberFormat.fixed(width, 1))%"])
      }
    }
  }

  var provenance: Section? {
    if report.provenance.isEmpty, report.models.isEmpty { return nil }
    return Section("provenance", "Settings and digests") {
      if let note = report.configurationNote { tag("p", ["class": "explanation"]) { note } }
      if !report.models.isEmpty {
        Self.details(
          "Models", NumberFormat.count(report.models.count, "file"), class: "provenance"
        ) { report.modelTable.html(caption: "The evaluated model files.", stacked: true) }
      }
      for stage in report.provenance {
        Self.details(
          stage.stage,
          "\(NumberFormat.count(stage.settings.count, "setting")), "
            + NumberFormat.count(stage.digests.count, "digest"),
          class: "provenance"
        ) {
          let (introduction, table) = report.provenanceTable(stage)
          table.html(caption: "Settings and SHA-256 digests of \(stage.stage). \(introduction)")
        }
      }
    }
  }
}
