/// All charts of a report, each under a name of its own.
///
/// A name is kind_column_model; the parts hold no underscore, so no two charts share a name.
struct FigureSet {
  let report: Report
  private let columnNames: [EvaluationTask: String]
  private let modelNames: [Model: String]

  init(_ report: Report) {
    self.report = report
    let columns =
      report.outcomes.map(\.column) + report.curves.map(\.column) + report.data.map(\.column)
    columnNames = Self.names(unique(columns), \.slug)
    modelNames = Self.names(
      unique(report.outcomes.map(\.model) + report.curves.map(\.model)), \.slug)
  }

  /// A name for each element: its slug, cut so that a file may be called so, with a number behind if
  /// that is taken or empty.
  private static func names<Element: Hashable>(
    _ elements: [Element], _ slug: (Element) -> String
  ) -> [Element: String] {
    var taken: Set<String> = []
    var result: [Element: String] = [:]
    for element in elements {
      let base = String(slug(element).prefix(80))
      var name = base
      var number = 1
      while name.isEmpty || !taken.insert(name).inserted {
        number += 1
        name = base.isEmpty ? "\(number)" : "\(base)-\(number)"
      }
      result[element] = name
    }
    return result
  }

  /// The anchor of a column.
  func anchor(_ column: EvaluationTask) -> String { "column_\(columnNames[column] ?? "")" }

  private func name(_ kind: String, _ column: EvaluationTask, _ model: Model? = nil) -> String {
    let parts = [kind, columnNames[column] ?? "", model.flatMap { modelNames[$0] } ?? ""]
    return parts.filter { !$0.isEmpty }.joined(separator: "_")
  }

  /// The models of a column on one scale.
  func intervals(_ column: EvaluationTask) -> Figure? {
    DotPlot(
      name: name("accuracy", column), subject: column.title, split: report.judged,
      outcomes: report.models(column).compactMap { report.outcome($0, column) }
    ).figure
  }

  /// Loss and accuracy over the epochs.
  func curves(_ bundle: CurveGroup) -> [Figure] {
    let tuned = bundle.model.training == .fineTuned
    let quantities: [(kind: String, title: String, lines: [CurveGroup.Quantity], percent: Bool)] =
      [
        (
          tuned ? "figure-2-loss" : "loss-curve", "Loss, cross entropy",
          [\.trainLoss, \.validationLoss], false
        ),
        (
          tuned ? "figure-2-accuracy" : "accuracy-curve", "Accuracy, %",
          [\.trainAccuracy, \.validationAccuracy], true
        ),
      ]
    let kept = bundle.curves.count == 1 ? bundle.curves[0].bestEpoch : nil
    return quantities.compactMap { kind, title, lines, percent in
      let series = zip(["Train", "Validation"], lines).map {
        LineChart.Series(name: $0, levels: bundle.levels($1))
      }
      return LineChart(
        name: name(kind, bundle.column, bundle.model), title: title, subject: bundle.title,
        series: series.filter { !$0.levels.isEmpty }, percent: percent, kept: kept
      ).figure
    }
  }

  /// The paper's figure 2 in one: loss and accuracy while the reference model is fine-tuned.
  var figureTwo: Figure? {
    let tuned = Model(report.reference, .fineTuned)
    guard let bundle = report.curveBundles.first(where: { $0.model == tuned }) else { return nil }
    let panels = curves(bundle)
    guard panels.count == 2 else { return nil }
    return Figure(name: "figure-2", title: "Figure 2, \(bundle.title)", panels[0], panels[1])
  }

  /// Class scores, confusion and reliability of one outcome.
  func classes(_ outcome: EvaluationResult) -> [Figure] {
    guard outcome.confusion.total > 0 else { return [] }
    let subject = "\(outcome.column.title), \(outcome.model.title)"
    let names = ["classes", "confusion", "reliability"].map {
      name($0, outcome.column, outcome.model)
    }
    return [
      BarChart(
        name: names[0], title: "Classes, %", subject: subject,
        series: ["Precision", "Recall", "F1"],
        groups: outcome.classes.map {
          BarChart.Group(name: $0.label, values: [$0.precision, $0.recall, $0.f1])
        }
      ).figure,
      HeatMap(
        name: names[1], subject: subject, labels: outcome.classNames, matrix: outcome.confusion
      ).figure,
      ReliabilityDiagram(name: names[2], subject: subject, calibration: outcome.calibration).figure,
    ]
  }

  /// Classes of each split and lengths of the training rows.
  func data(_ column: EvaluationTask) -> [Figure] {
    let splits = report.data.filter { $0.column == column }
    guard let first = splits.first else { return [] }
    let shares = StackedBarChart(
      name: name("balance", column), title: "Classes", subject: column.title,
      parts: first.classNames,
      wholes: splits.filter { $0.classNames == first.classNames && $0.rows.contains { $0 > 0 } }.map
      {
        StackedBarChart.Whole(name: $0.split.rawValue, counts: $0.rows)
      }
    ).figure
    let lengths = Histogram(
      name: name("lengths", column), subject: column.title, split: first.split,
      bins: first.lengths
    ).figure
    return [shares] + [lengths].compactMap { $0 }
  }

  /// Every chart, in the order of the page.
  var all: [Figure] {
    let tests = report.judgedOutcomes
    return report.columns.compactMap(intervals) + report.curveBundles.flatMap(curves)
      + tests.flatMap(classes) + unique(report.data.map(\.column)).flatMap(data)
  }
}

extension Report {
  /// Every chart of ``html()``, to be saved as a file of its own, and figure 2 put together.
  public func figures() -> [Figure] {
    let gallery = FigureSet(self)
    return gallery.all + [gallery.figureTwo].compactMap { $0 }
  }
}
