/// Accuracies, paired tests and curves.
extension HTMLReport {
  var findings: Section? {
    guard !report.findings.isEmpty else { return nil }
    return Section(
      anchor: "findings", title: "What holds",
      content: .joined([
        tag("p") { report.howFindingsAreMade },
        tag("ul", ["class": "findings"]) {
          for finding in report.findings {
            tag("li") {
              tag("strong") { finding.question }
              " \(finding.text)"
            }
          }
        },
        tag("p") { report.remarkOnLSTM ?? "" },
      ]))
  }

  var results: Section? {
    guard !report.outcomes.isEmpty else { return nil }
    return Section(
      anchor: "results", title: report.isBesidePaper ? "Results beside the paper’s" : "Results",
      content: .joined([
        Self.grid(report.columns.compactMap(gallery.intervals)),
        report.columns.count > 1
          ? tag("div", ["class": "result"]) {
            report.overview.html(
              caption: "All in one table: means over seeds ± their standard deviation.",
              stacked: true)
          } : .empty,
        .joined(report.columns.map(result)), tag("p", ["class": "reading"]) { report.howToRead },
      ]))
  }

  private func result(_ column: EvaluationTask) -> HTML {
    tag("div", ["class": "result", "id": gallery.anchor(column)]) {
      tag("h3") { column.title }
      report.headline(column).html(caption: report.scope(column), stacked: true)
    }
  }

  var comparisons: Section? {
    guard !report.comparisons.isEmpty else { return nil }
    return Section(
      anchor: "tests", title: "Paired tests",
      content: .joined([
        tag("p") {
          "Both models answered the same \(report.judged.rawValue) rows. The p-value says how often a difference at least "
            + "as large would be seen if there were none; the one after Holm is adjusted for the "
            + "number of tests, so that all that are below 0.05 may be believed together."
        },
        report.comparisonTable().html(
          caption: "Difference in \(report.judged.rawValue) accuracy, in percentage points.",
          stacked: true),
      ]))
  }

  var fineTuning: Section? {
    let bundles = report.curveBundles.filter { $0.model.training == .fineTuned }
    return section(
      "fine-tuning", "Fine-tuning (figure 2)",
      "Loss and accuracy while the model learns a new task, as in the paper’s figure 2.", bundles)
  }

  var learning: Section? {
    let bundles = report.curveBundles.filter { $0.model.training == .trained }
    return section("learning", "Learning curves", "Loss and accuracy while training.", bundles)
  }

  private func section(
    _ anchor: String, _ title: String, _ lead: String, _ bundles: [CurveGroup]
  ) -> Section? {
    guard !bundles.isEmpty else { return nil }
    let several = bundles.contains { $0.curves.count > 1 }
    return Section(
      anchor: anchor, title: title,
      content: .joined([
        tag("p") {
          several
            ? "\(lead) Lines are means over seeds, bands reach from the lowest seed to the highest. "
              + Self.howCurvesAreMeasured
            : "\(lead) \(Self.howCurvesAreMeasured)"
        },
        .joined(
          unique(bundles.map(\.column)).map { column in
            tag("div", ["class": "result"]) {
              tag("h3") { column.title }
              for (index, bundle) in bundles.filter({ $0.column == column }).enumerated() {
                curves(bundle, open: index == 0)
              }
            }
          }),
      ]))
  }

  private static let howCurvesAreMeasured =
    "Training values are those of the epoch’s batches while they were learned from, with dropout; "
    + "validation values come after each epoch, without."

  private func curves(_ bundle: CurveGroup, open: Bool) -> HTML {
    tag("details", ["open": open ? "" : nil]) {
      tag("summary") { tag("strong") { bundle.model.title } }
      Self.grid(gallery.curves(bundle))
      tag("details", ["class": "numbers"]) {
        tag("summary") { "The numbers" }
        bundle.table.html(
          caption: "\(bundle.title): means over \(NumberFormat.count(bundle.seeds.count, "seed")).")
      }
    }
  }

}
