import Support

/// All charts of a report, each with a unique name.
///
/// A name is kind_task_model. The parts contain no underscore, so the names are unique.
struct FigureSet {
  let report: Report
  private let taskNames: [EvaluationTask: String]
  private let variantNames: [ModelVariant: String]

  init(_ report: Report) {
    self.report = report
    taskNames = Self.names(
      report.results.map(\.task) + report.curves.map(\.task) + report.datasets.map(\.task), \.slug)
    variantNames = Self.names(
      report.results.map(\.variant) + report.curves.map(\.variant), \.slug)
  }

  /// A name for each element: its slug, cut to the length of a file name, with a number if it is
  /// empty or already in use.
  private static func names<Element: Hashable>(
    _ elements: [Element], _ slug: (Element) -> String
  ) -> [Element: String] {
    var used: Set<String> = []
    var names: [Element: String] = [:]
    for element in elements.unique {
      let base = String(slug(element).prefix(80))
      var name = base
      var number = 1
      while name.isEmpty || !used.insert(name).inserted {
        number += 1
        name = base.isEmpty ? "\(number)" : "\(base)-\(number)"
      }
      names[element] = name
    }
    return names
  }

  /// The name of a task in file names and anchors; unique.
  func name(_ task: EvaluationTask) -> String { taskNames[task] ?? "" }

  private func name(
    _ kind: String, _ task: EvaluationTask, _ variant: ModelVariant? = nil
  ) -> String {
    [kind, taskNames[task] ?? "", variant.flatMap { variantNames[$0] } ?? ""]
      .filter { !$0.isEmpty }.joined(separator: "_")
  }

  /// The measures of the models on a task.
  func accuracies(_ task: EvaluationTask) -> Figure? {
    DotPlot(
      name: name("accuracy", task), subject: task.title, split: report.evaluationSplit(of: task),
      results: report.variants(task).compactMap { report.result($0, task) }
    ).figure
  }

  /// Loss and accuracy over the epochs.
  func curves(_ group: CurveGroup) -> [Figure] {
    let isFigure2 = group.variant.training == .fineTuned && report.hasPaperResults
    let bestEpoch = group.curves.count == 1 ? group.curves[0].curve.bestEpoch : nil
    func chart(
      _ kind: String, _ title: String, percent: Bool,
      _ train: [CurveGroup.EpochStatistics], _ validation: [CurveGroup.EpochStatistics]
    ) -> Figure? {
      LineChart(
        name: name(isFigure2 ? "figure-2-\(kind)" : "\(kind)-curve", group.task, group.variant),
        title: title, subject: group.title,
        series: [
          .init(name: "Train", values: train), .init(name: "Validation", values: validation),
        ]
        .filter { !$0.values.isEmpty },
        percent: percent, bestEpoch: bestEpoch
      ).figure
    }
    return [
      chart(
        "loss", "Loss, cross entropy", percent: false, group.statistics(\.trainLoss),
        group.statistics(\.validationLoss)),
      chart(
        "accuracy", "\(group.task.measure.rawValue.capitalizedFirst), %", percent: true,
        group.statistics(\.trainAccuracy),
        group.statistics(\.validationAccuracy)),
    ].compactMap { $0 }
  }

  /// The paper's figure 2 in one chart: loss and accuracy while the reference model is fine-tuned.
  var figure2: Figure? {
    let variant = ModelVariant(report.reference, .fineTuned)
    guard report.hasPaperResults,
      let group = report.curveGroups.first(where: { $0.variant == variant })
    else { return nil }
    let panels = curves(group)
    guard panels.count == 2 else { return nil }
    return Figure(name: "figure-2", title: "Figure 2, \(group.title)", panels[0], panels[1])
  }

  /// The confusion matrix of a result.
  func confusion(_ result: EvaluationResult) -> Figure {
    HeatMap(
      name: name("confusion", result.task, result.variant), subject: subject(result),
      classNames: result.classNames, matrix: result.confusion
    ).figure
  }

  /// Accuracy by confidence.
  func reliability(_ result: EvaluationResult) -> Figure {
    ReliabilityDiagram(
      name: name("reliability", result.task, result.variant), subject: subject(result),
      calibration: result.calibration
    ).figure
  }

  /// Accuracy by the fraction of rows that are answered.
  func coverage(_ result: EvaluationResult) -> Figure? {
    CoverageChart(
      name: name("coverage", result.task, result.variant), subject: subject(result),
      curve: result.coverage
    ).figure
  }

  private func subject(_ result: EvaluationResult) -> String {
    "\(result.task.title), \(result.variant.title)"
  }

  /// The classes of each split unless they are many, and the lengths of the rows of the first.
  func data(_ task: EvaluationTask) -> [Figure] {
    let splits = report.datasets.filter { $0.task == task }
    guard let first = splits.first else { return [] }
    let classes = StackedBarChart(
      name: name("balance", task), title: "Classes", subject: task.title, parts: first.classNames,
      bars: splits.filter { $0.classNames == first.classNames && $0.rows.contains { $0 > 0 } }
        .map { .init(name: $0.split.rawValue, counts: $0.rows) }
    ).figure
    let lengths = Histogram(
      name: name("lengths", task), subject: task.title, split: first.split, bins: first.lengths
    ).figure
    let isLegible =
      first.classNames.count <= DatasetSummary.listedClasses && !task.isMultiLabel
    return [isLegible ? classes : nil, lengths].compactMap { $0 }
  }
}

extension Report {
  /// The charts of ``html()`` as files, and figure 2 of the paper in one.
  func figures() -> [Figure] {
    let set = FigureSet(self)
    let results = tasks.flatMap(detailedResults)
    return tasks.compactMap(set.accuracies) + curveGroups.flatMap(set.curves)
      + results.filter(\.showsConfusion).map(set.confusion) + results.map(set.reliability)
      + results.compactMap(set.coverage) + sizeCurves.map(set.sizes)
      + datasets.map(\.task).unique.flatMap(set.data) + [set.figure2].compactMap { $0 }
  }
}
