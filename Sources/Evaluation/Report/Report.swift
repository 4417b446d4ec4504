import Shards
import Support

/// The results of all models, summarized over seeds; for the paper's data sets also its results.
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
  /// The best model of each task that has rows.
  let headlines: [Headline]
  /// The words that speak for each class of a task.
  let words: [ClassWords]
  /// The rows whose labels look wrong, by task; empty if labels were not checked.
  let labelChecks: [LabelCheck]
  /// How further labelled rows would help, by task; empty unless that was measured.
  let sizeCurves: [SizeCurve]
  /// The ways to share parameters among tasks, compared on each task; empty with only one way.
  let sharing: [SharingComparison]
  /// The results of each model on the folds of each task; empty without cross-validation.
  let crossValidations: [CrossValidation]
  /// The learning curves, ordered by task.
  let curves: [RunCurve]
  /// The datasets, ordered by task.
  let datasets: [DatasetSummary]
  /// The files that the examples were read from.
  let sources: [SourceFile]
  let provenance: [Provenance]
  /// One digest for all settings and inputs; nil if they are unknown.
  let configurationDigest: String?
  let models: [ModelFile]
  /// Remarks for the reader, among them the warnings.
  let notes: [String]
  /// Signs that results are useless or not those that were asked for.
  let warnings: [String]
  /// The most confident errors of the reference model on each task, or of the best if there is none.
  let misclassifications: [Misclassification]

  /// Summarizes the measurements.
  /// - Throws: ``UserError`` with exit status `data` if there are two runs of the same model and seed,
  ///   or if runs on one split have different classes.
  init(title: String, reference: String = "dlnc", _ input: ReportInput) throws {
    try Self.check(input.predictions)
    (self.title, self.reference) = (title, reference)
    (provenance, sources, models) = (input.provenance, input.sources, input.models)
    configurationDigest = input.configurationDigest
    (crossValidations, labelChecks) = (input.crossValidations, input.labelChecks)
    sizeCurves = input.sizeCurves
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
    let results = results
    func lastSplit(_ task: EvaluationTask) -> Split? {
      results.filter { $0.task == task }.map(\.split).max()
    }
    let lastRuns = tasks.map { task in
      input.predictions.filter { $0.task == task && $0.split == lastSplit(task) }
    }
    let split = input.predictions.map(\.split).max() ?? .test
    evaluationSplit = split
    var (comparisons, notes): ([Comparison], [String]) = ([], input.notes)
    for runs in lastRuns where runs.first?.split == split {
      Self.compare(runs, with: reference, &comparisons, &notes)
    }
    for (index, adjusted) in holm(comparisons.map(\.pValue)).enumerated() {
      comparisons[index].adjustedPValue = adjusted
    }
    var headlines = lastRuns.compactMap { runs in
      Headline(
        results.filter { $0.task == runs.first?.task && $0.split == runs.first?.split }, runs,
        known: comparisons,
        validation: input.validationScores.filter { $0.task == runs.first?.task })
    }
    headlines.adjust()
    var sharing = lastRuns.compactMap { runs in
      SharingComparison(
        results.filter { $0.task == runs.first?.task && $0.split == runs.first?.split }, runs)
    }
    SharingComparison.adjust(&sharing)
    self.sharing = sharing
    warnings =
      input.warnings
      + results.filter { $0.split == lastSplit($0.task) }.compactMap(\.majorityWarning)
      + headlines.compactMap(\.result.rareClassWarning)
    (self.comparisons, self.headlines) = (comparisons, headlines)
    self.notes = notes + warnings
    words = Self.chosen(input.words, headlines)
    misclassifications = lastRuns.flatMap { runs in
      let best = headlines.first { $0.result.task == runs.first?.task }?.result.variant.name
      let name = runs.contains { $0.variant.name == reference } ? reference : best
      return Misclassification.list(runs.filter { $0.variant.name == name })
    }
  }

  /// The evaluated tasks, in the order of the tables.
  var tasks: [EvaluationTask] { EvaluationTask.ordered(results.map(\.task)) }

  /// The variants evaluated on a task, in the order of the tables.
  func variants(_ task: EvaluationTask) -> [ModelVariant] {
    results.filter { $0.task == task }.map(\.variant).unique
  }

  /// The split that the measures of a task are shown on: its last one, as a task may lack test rows.
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

  /// The results of a task that are shown by class; none on training rows, unless no others were
  /// evaluated.
  func detailedResults(_ task: EvaluationTask) -> [EvaluationResult] {
    let split = evaluationSplit(of: task)
    if split == .train, evaluationSplit != .train { return [] }
    return variants(task).compactMap { result($0, task) }.filter { $0.rows > 0 }
  }

  /// The best model of a task.
  func headline(_ task: EvaluationTask) -> Headline? {
    headlines.first { $0.result.task == task }
  }

  /// The learning curves of each model and task over its seeds, in the order of the tables.
  var curveGroups: [CurveGroup] {
    curves.map(\.task).unique.flatMap { task in
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

  /// The words of each task from its best model, else from the best model that has weights of words,
  /// else from the training rows.
  private static func chosen(_ words: [ClassWords], _ headlines: [Headline]) -> [ClassWords] {
    EvaluationTask.ordered(words.map(\.task)).compactMap { task in
      let words = words.filter { $0.task == task }
      let headline = headlines.first { $0.result.task == task }
      return headline?.ranking.lazy.compactMap { variant in
        words.first { $0.source == .weights(variant) }
      }.first ?? words.first
    }
  }

  private static func check(_ predictions: [Predictions]) throws {
    for (index, run) in predictions.enumerated() {
      var otherKind = run.task
      otherKind.isMultiLabel.toggle()
      if predictions[..<index].contains(where: { $0.task == otherKind }) {
        throw UserError(
          .data, at: run.task.title,
          problem: "rows with one class each, and rows with any number of labels",
          expected: "one kind of rows in all data of a task",
          hint: "evaluate the models of the two kinds into separate reports")
      }
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
