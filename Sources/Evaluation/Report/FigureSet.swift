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
    for element in uniqued(elements) {
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

  private func name(
    _ kind: String, _ task: EvaluationTask, _ variant: ModelVariant? = nil
  ) -> String {
    [kind, taskNames[task] ?? "", variant.flatMap { variantNames[$0] } ?? ""]
      .filter { !$0.isEmpty }.joined(separator: "_")
  }

  /// The accuracies of the models on a task.
  func accuracies(_ task: EvaluationTask) -> Figure? {
    DotPlot(
      name: name("accuracy", task), subject: task.title, split: report.evaluationSplit(of: task),
      results: report.variants(task).compactMap { report.result($0, task) }
    ).figure
  }

  /// Loss and accuracy over the epochs.
  func curves(_ group: CurveGroup) -> [Figure] {
    let isFineTuned = group.variant.training == .fineTuned
    let bestEpoch = group.curves.count == 1 ? group.curves[0].curve.bestEpoch : nil
    func chart(
      _ kind: String, _ title: String, percent: Bool,
      _ train: [CurveGroup.EpochStatistics], _ validation: [CurveGroup.EpochStatistics]
    ) -> Figure? {
      LineChart(
        name: name(isFineTuned ? "figure-2-\(kind)" : "\(kind)-curve", group.task, group.variant),
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
        "accuracy", "Accuracy, %", percent: true, group.statistics(\.trainAccuracy),
        group.statistics(\.validationAccuracy)),
    ].compactMap { $0 }
  }

  /// The paper's figure 2 in one chart: loss and accuracy while the reference model is fine-tuned.
  var figure2: Figure? {
    let variant = ModelVariant(report.reference, .fineTuned)
    guard let group = report.curveGroups.first(where: { $0.variant == variant }) else { return nil }
    let panels = curves(group)
    guard panels.count == 2 else { return nil }
    return Figure(name: "figure-2", title: "Figure 2, \(group.title)", panels[0], panels[1])
  }

  /// Class scores, confusion matrix and reliability of a result; for many classes, their number by F1
  /// and reliability.
  func classes(_ result: EvaluationResult) -> [Figure] {
    guard result.confusion.total > 0 else { return [] }
    let subject = "\(result.task.title), \(result.variant.title)"
    let reliability = ReliabilityDiagram(
      name: name("reliability", result.task, result.variant), subject: subject,
      calibration: result.calibration
    ).figure
    if result.hasManyClasses { return [classesByF1(result, subject), reliability] }
    return [
      BarChart(
        name: name("classes", result.task, result.variant), title: "Classes, %", subject: subject,
        series: ["Precision", "Recall", "F1"],
        groups: result.classes.map {
          .init(name: $0.className, values: [$0.precision, $0.recall, $0.f1])
        }
      ).figure,
      HeatMap(
        name: name("confusion", result.task, result.variant), subject: subject,
        classNames: result.classNames, matrix: result.confusion
      ).figure, reliability,
    ]
  }

  /// The fraction of the classes in each tenth of F1.
  private func classesByF1(_ result: EvaluationResult, _ subject: String) -> Figure {
    let classes = result.worstClasses
    let tenths = classes.map { min(9, max(0, Int(($0.f1 ?? 0) * 10))) }
    return BarChart(
      name: name("classes", result.task, result.variant), title: "Classes by F1, % of the classes",
      subject: subject, series: ["Classes with this F1, %"],
      groups: (0..<10).map { tenth in
        let count = tenths.count { $0 == tenth }
        return .init(
          name: "\(tenth * 10) – \(tenth * 10 + 10)",
          values: [Double(count) / Double(max(classes.count, 1))])
      }
    ).figure
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
    return [first.hasManyClasses ? nil : classes, lengths].compactMap { $0 }
  }
}

extension Report {
  /// The charts of ``html()`` as files, and figure 2 in one.
  func figures() -> [Figure] {
    let set = FigureSet(self)
    return tasks.compactMap(set.accuracies) + curveGroups.flatMap(set.curves)
      + evaluationResults.flatMap(set.classes) + uniqued(datasets.map(\.task)).flatMap(set.data)
      + [set.figure2].compactMap { $0 }
  }
}
