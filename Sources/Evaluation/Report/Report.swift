import Shards
import Support

/// The results of all models, summarized over seeds and set beside those of the paper.
///
/// ``json()`` and ``markdown()`` contain no times, so equal results give equal bytes. ``html()`` also
/// shows the cost of the stages and quotes texts. ``figures()`` are the charts of the page as files.
public struct Report {
  let title: String
  /// The kind of model that the paired tests compare the others with.
  let reference: String
  /// A result for each task, model and split, in the order of the tables.
  let results: [EvaluationResult]
  /// The split that models are compared on: the last of those evaluated.
  let evaluationSplit: Split
  /// The paired tests on the evaluation split.
  let comparisons: [Comparison]
  /// The learning curves, ordered by task.
  let curves: [RunCurve]
  /// The datasets, ordered by task.
  let datasets: [DatasetSummary]
  let provenance: [Provenance]
  /// One digest for all settings and inputs; nil if they are unknown.
  let configurationDigest: String?
  let models: [ModelFile]
  /// Remarks for the reader, among them the warnings.
  let notes: [String]
  /// Signs that results are useless or not those that were asked for.
  let warnings: [String]
  /// The most confident errors of the reference model on each task; see ``Misclassification/list``.
  let misclassifications: [Misclassification]

  /// Summarizes the measurements.
  /// - Throws: ``UserError`` with exit status `data` if there are two runs of the same model and seed,
  ///   or if runs on one split have different classes.
  init(title: String, reference: String = "dlnc", _ input: ReportInput) throws {
    try Self.check(input.predictions)
    (self.title, self.reference) = (title, reference)
    (provenance, models) = (input.provenance, input.models)
    configurationDigest = input.configurationDigest
    curves = Self.sorted(input.curves, by: \.task)
    datasets = Self.sorted(input.datasets, by: \.task)
    let tasks = EvaluationTask.ordered(input.predictions.map(\.task))
    results = tasks.flatMap { task in
      ModelVariant.ordered(input.predictions.map(\.variant)).flatMap { variant in
        Split.allCases.compactMap { split in
          EvaluationResult(
            input.predictions.filter {
              $0.task == task && $0.variant == variant && $0.split == split
            })
        }
      }
    }
    let split = input.predictions.map(\.split).max() ?? .test
    evaluationSplit = split
    let runs = tasks.map { task in
      input.predictions.filter { $0.task == task && $0.split == split }
    }
    var (comparisons, notes): ([Comparison], [String]) = ([], input.notes)
    for runs in runs { Self.compare(runs, with: reference, &comparisons, &notes) }
    for (index, adjusted) in holm(comparisons.map(\.pValue)).enumerated() {
      comparisons[index].adjustedPValue = adjusted
    }
    let results = results
    warnings =
      input.warnings
      + results.filter { result in
        result.split == results.filter { $0.task == result.task }.map(\.split).max()
      }.compactMap(\.majorityWarning)
    (self.comparisons, self.notes) = (comparisons, notes + warnings)
    misclassifications = runs.flatMap { Misclassification.list($0, reference: reference) }
  }

  /// The evaluated tasks, in the order of the tables.
  var tasks: [EvaluationTask] { EvaluationTask.ordered(results.map(\.task)) }

  /// The variants evaluated on a task, in the order of the tables.
  func variants(_ task: EvaluationTask) -> [ModelVariant] {
    uniqued(results.filter { $0.task == task }.map(\.variant))
  }

  /// The split that the accuracies of a task are shown on: its last one, as a task may lack test rows.
  func evaluationSplit(of task: EvaluationTask) -> Split {
    results.filter { $0.task == task }.map(\.split).max() ?? evaluationSplit
  }

  /// The result on a split, by default the last one of the task.
  func result(
    _ variant: ModelVariant, _ task: EvaluationTask, _ split: Split? = nil
  ) -> EvaluationResult? {
    let split = split ?? evaluationSplit(of: task)
    return results.first { $0.variant == variant && $0.task == task && $0.split == split }
  }

  /// The results on the split that models are compared on.
  var evaluationResults: [EvaluationResult] { results.filter { $0.split == evaluationSplit } }

  /// The learning curves of each model and task over its seeds, in the order of the tables.
  var curveGroups: [CurveGroup] {
    uniqued(curves.map(\.task)).flatMap { task in
      ModelVariant.ordered(curves.map(\.variant)).compactMap { variant in
        CurveGroup(curves.filter { $0.task == task && $0.variant == variant })
      }
    }
  }

  /// Whether any result can be compared with one of the paper.
  var hasPaperResults: Bool { evaluationResults.contains { $0.paperAccuracy != nil } }

  private static func sorted<Element>(
    _ elements: [Element], by task: (Element) -> EvaluationTask
  ) -> [Element] {
    EvaluationTask.ordered(elements.map(task)).flatMap { wanted in
      elements.filter { task($0) == wanted }
    }
  }

  private static func check(_ predictions: [Predictions]) throws {
    for (index, run) in predictions.enumerated() {
      for other in predictions[..<index]
      where (other.task, other.split) == (run.task, run.split) {
        let location = "\(run.task.title), \(run.split.rawValue)"
        if other.variant == run.variant, other.seed == run.seed {
          throw UserError(
            .data, at: location, problem: "\(run.variant.title), seed \(run.seed) twice",
            expected: "one set of predictions for each model and seed")
        }
        if other.classNames != run.classNames {
          throw UserError(
            .data, at: location,
            problem: "the classes \(other.classNames) and the classes \(run.classNames)",
            expected: "the same classes in the same order for every model",
            hint: "evaluate models of the same data together")
        }
      }
    }
  }

  /// Compares the reference with each other model on the runs of one task.
  private static func compare(
    _ runs: [Predictions], with reference: String, _ comparisons: inout [Comparison],
    _ notes: inout [String]
  ) {
    let variants = ModelVariant.ordered(runs.map(\.variant))
    guard let task = runs.first?.task,
      let first = variants.first(where: { $0 == ModelVariant(reference, .fineTuned) })
        ?? variants.first(where: { $0.name == reference })
    else { return }
    for second in variants where second != first {
      if let comparison = Comparison(
        runs.filter { $0.variant == first }, runs.filter { $0.variant == second })
      {
        comparisons.append(comparison)
      } else {
        notes.append(
          "\(task.title): no paired test of \(first.title) and \(second.title), because their "
            + "runs were tested on different rows")
      }
    }
  }
}

extension Report {
  /// Writes the report in all its forms, and the figures as files.
  /// - Throws: ``UserError`` with exit status `io`.
  public func write(to output: AtomicDirectory) throws {
    try output.write(json() + "\n", to: "report.json")
    try output.write(markdown(), to: "report.md")
    try output.write(html(), to: "report.html")
    for figure in figures() { try output.write(figure.svg(), to: "figures/\(figure.name).svg") }
  }
}

/// The summary that `evaluate` prints: accuracy and macro-F1 of each result.
public struct EvaluationSummary: Encodable {
  private struct Row: Encodable {
    var model: String
    var task: String
    var split: String
    var rows: Int
    var runs: Int
    var accuracy: Double?
    var macroF1: Double?
  }

  private let results: [Row]
  /// Signs that results are useless or not those that were asked for.
  public let warnings: [String]

  private enum CodingKeys: CodingKey { case results }

  /// Summarizes a report.
  public init(_ report: Report) {
    warnings = report.warnings
    results = report.results.map { result in
      Row(
        model: result.variant.title, task: result.task.title, split: result.split.rawValue,
        rows: result.rows, runs: result.seeds.count,
        accuracy: result.accuracy?.mean, macroF1: result.macroF1?.mean)
    }
  }

  /// The summary as a text table.
  public var text: String {
    let rows = results.map { row in
      [row.model, row.task, row.split, "\(row.rows)"]
        + [row.accuracy, row.macroF1].map { fraction in
          fraction.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
        }
    }
    return TextTable.text(
      [["model", "task", "split", "rows", "accuracy", "macro-F1"]] + rows, numeric: [3, 4, 5])
  }
}
