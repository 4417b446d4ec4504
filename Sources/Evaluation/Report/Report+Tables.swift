import Foundation
import Shards
import Support

/// The tables of the report.
extension Report {
  /// The results on one task; beside those of the paper, if it has the task.
  func resultTable(_ task: EvaluationTask) -> Table {
    let variants = variants(task)
    let showsPaper = isInPaper(task)
    let (split, measure) = (evaluationSplit(of: task), task.measure.rawValue)
    let showsTrain =
      split != .train
      && (showsPaper || variants.contains { result($0, task, .train) != nil })
    let showsAnyLabel = variants.contains { result($0, task)?.anyLabelAccuracy != nil }
    let columns: [Table.Column<ModelVariant>?] = [
      .text("Model") { Table.Cell($0.title) },
      showsPaper ? .number("Train, paper") { Self.paperCell($0, task, .train) } : nil,
      showsTrain
        ? .number(showsPaper ? "Train, ours" : "Training \(measure)") {
          Table.Cell(result($0, task, .train)?.score)
        } : nil,
      showsPaper ? .number("Test, paper") { Self.paperCell($0, task, .test) } : nil,
      .number(
        showsPaper ? "Test, ours" : "\(split == .train ? "Training" : split.title) \(measure)"
      ) {
        Table.Cell(result($0, task)?.score, isStrong: true)
      },
      .number("95 % interval") {
        Table.Cell(NumberFormat.range(result($0, task)?.score?.interval))
      },
      .number("Macro-F1") { Table.Cell(result($0, task)?.macroF1) },
      task.isMultiLabel
        ? .number("Subset accuracy") { Table.Cell(result($0, task)?.subsetAccuracy) } : nil,
      showsAnyLabel
        ? .number("Any-match") { Table.Cell(result($0, task)?.anyLabelAccuracy) } : nil,
      .number("Seeds") {
        Table.Cell((result($0, task) ?? result($0, task, .train))?.seeds.count ?? 0)
      },
    ]
    return Table(variants, columns)
  }

  /// A measure on all its tasks, beside the accuracies of the paper: means ± standard deviations over
  /// seeds. A model and its fine-tuned variant share a row if no task has results of both.
  func overview(_ measure: Measure) -> Table {
    let tasks = tasks.filter { $0.measure == measure }
    func fineTunedTasks(_ variant: ModelVariant) -> [EvaluationTask] {
      tasks.filter { result(variant.fineTuned, $0) != nil }
    }
    func isMerged(_ variant: ModelVariant) -> Bool {
      let trained = tasks.filter { result(variant.trained, $0) != nil }
      let fineTuned = fineTunedTasks(variant)
      return !trained.isEmpty && !fineTuned.isEmpty && Set(trained).isDisjoint(with: fineTuned)
    }
    func shownResult(_ variant: ModelVariant, _ task: EvaluationTask) -> EvaluationResult? {
      result(variant, task) ?? (isMerged(variant) ? result(variant.fineTuned, task) : nil)
    }
    let results = results.filter { $0.task.measure == measure }
    let variants = ModelVariant.ordered(results.map(\.variant)).filter {
      $0.training == .trained || !isMerged($0)
    }
    let model = Table.Column<ModelVariant>.text(
      "\(measure.rawValue.capitalizedFirst), %"
    ) { variant in
      let titles = fineTunedTasks(variant).map(\.title).joined(separator: ", ")
      return Table.Cell(
        variant.title, detail: isMerged(variant) ? "(\(titles): fine-tuned)" : nil)
    }
    let means = taskMeans(measure)
    // More columns do not fit on a page. The table of each task follows.
    let shownTasks = means.isEmpty || tasks.count <= 8 ? tasks : []
    let mean = Table.Column<ModelVariant>.number("Mean of the tasks") { variant in
      Table.Cell(means.first { $0.variant == variant }?.score, isStrong: true)
    }
    return Table(
      variants,
      [model, means.isEmpty ? nil : mean]
        + shownTasks.flatMap { task -> [Table.Column<ModelVariant>?] in
          let showsPaper = isInPaper(task)
          return [
            showsPaper
              ? .number("\(task.title): paper") {
                shownResult($0, task) == nil
                  ? Table.Cell(NumberFormat.none) : Self.paperCell($0, task, .test)
              } : nil,
            .number(showsPaper ? "ours" : overviewHeading(task)) {
              Table.Cell(shownResult($0, task)?.score, isStrong: true)
            },
          ]
        })
  }

  /// The heading of a task's column: its title, with the kind of rows unless they are those of most
  /// tasks.
  private func overviewHeading(_ task: EvaluationTask) -> String {
    let split = evaluationSplit(of: task)
    return split == evaluationSplit ? task.title : "\(task.title): \(split.adjective) rows only"
  }

  /// Whether the table of a task shows the accuracies of the paper.
  private func isInPaper(_ task: EvaluationTask) -> Bool {
    evaluationSplit(of: task) == .test
      && variants(task).contains { PaperResult.find($0, task) != nil }
  }

  /// The model files.
  var modelTable: Table {
    Table(
      models,
      [
        .text("Model") { Table.Cell($0.variant.title) },
        .number("Seed") { Table.Cell(String($0.seed)) },
        .text("Tested on") {
          Table.Cell(
            $0.tasks.isEmpty
              ? NumberFormat.none : $0.tasks.map(\.title).joined(separator: ", "))
        },
        .text("Made by") {
          Table.Cell($0.origin.stage.isEmpty ? NumberFormat.none : $0.origin.stage)
        },
        .number("File") { Table.Cell(NumberFormat.bytes($0.size.bytes)) },
        .number("Parameters") { Table.Cell(NumberFormat.grouped($0.size.parameters)) },
        .number("Words") { Table.Cell(NumberFormat.grouped($0.size.words)) },
        .text("SHA-256") { Table.Cell($0.origin.sha256) },
      ])
  }

  /// The number of rows that the results on a task are computed from.
  func rowCounts(_ task: EvaluationTask) -> String {
    let counts = Split.allCases.compactMap { split in
      results.filter { $0.task == task && $0.split == split }.map(\.rows).max()
        .map { "\(NumberFormat.grouped($0)) \(split.rawValue)" }
    }
    let (split, measure) = (evaluationSplit(of: task), task.measure.rawValue)
    let caveat =
      split == evaluationSplit
      ? ""
      : " There are no \(evaluationSplit.rawValue) rows: this is \(split.adjective) \(measure)."
    return "\(measure.capitalizedFirst) in %; rows: \(counts.joined(separator: ", ")).\(caveat)"
  }

  /// The paired tests.
  var comparisonTable: Table {
    let showsInterval = comparisons.contains { $0.interval != nil }
    let columns: [Table.Column<Comparison>?] = [
      .text("Models") { Table.Cell("\($0.first.title) against \($0.second.title)") },
      .text("On") {
        Table.Cell(
          $0.task.title, detail: $0.task.isMultiLabel ? "(\($0.task.measure.rawValue))" : nil)
      },
      .number("Difference, points") {
        Table.Cell(NumberFormat.points($0.difference), isStrong: true)
      },
      showsInterval
        ? .number("95 % interval") { Table.Cell(NumberFormat.pointsRange($0.interval)) } : nil,
      .number("p") { Table.Cell(NumberFormat.probability($0.pValue)) },
      .number("p after Holm") { Table.Cell(NumberFormat.probability($0.adjustedPValue)) },
      .text("Test") { comparison in
        let detail = comparison.mcNemar.map {
          "(\($0.onlyFirst) : \($0.onlySecond) rows, exact p \(NumberFormat.probability($0.exact)))"
        }
        return Table.Cell(comparison.test.rawValue, detail: detail)
      },
    ]
    return Table(comparisons, columns)
  }

  /// The contents of the splits of a task.
  func datasetTable(_ task: EvaluationTask) -> Table {
    func percent(_ fraction: Double?) -> Table.Cell {
      Table.Cell(fraction.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none)
    }
    let hasVectors = datasets.contains { $0.tokenCoverage ?? 0 > 0 }
    let columns: [Table.Column<DatasetSummary>?] = [
      .text("Split") { Table.Cell($0.split.rawValue) },
      .number("Rows") { Table.Cell($0.rowCount, isStrong: true) },
      .text("Classes") { dataset in
        if dataset.classNames.count > DatasetSummary.listedClasses {
          let (least, most) = (dataset.rows.min() ?? 0, dataset.rows.max() ?? 0)
          return Table.Cell(
            "\(dataset.classNames.count) classes of \(NumberFormat.grouped(least)) to "
              + "\(NumberFormat.grouped(most)) rows each")
        }
        let classes = zip(dataset.classNames, dataset.rows).map {
          "\($0) \(NumberFormat.grouped($1))"
        }
        return Table.Cell(classes.joined(separator: ", "))
      },
      task.isMultiLabel
        ? .number("Labels a row") { Table.Cell(NumberFormat.fixed($0.labelSets?.labelsPerRow, 2)) }
        : nil,
      task.isMultiLabel
        ? .number("Rows without label") { Table.Cell($0.labelSets?.unlabelled ?? 0) } : nil,
      .number("Tokens a row") { dataset in
        let rows = dataset.rowCount
        return Table.Cell(
          NumberFormat.fixed(rows > 0 ? Double(dataset.tokens) / Double(rows) : nil, 1))
      },
      hasVectors ? .number("Tokens with a vector") { percent($0.tokenCoverage) } : nil,
      hasVectors ? .number("Words with a vector") { percent($0.typeCoverage) } : nil,
      .number("Repeated texts") { Table.Cell($0.duplicates) },
    ]
    return Table(datasets.filter { $0.task == task }, columns)
  }

  /// Settings and digests of a stage: all of them, or the differences from an earlier stage that is
  /// nearly the same.
  func provenanceTable(_ stage: Provenance) -> (introduction: String, table: Table) {
    let earlier = provenance.prefix { $0.stage != stage.stage }
    let similar = earlier.first { stage.isVariation(of: $0) }
    return (
      similar.map { "The same as \($0.stage), except for:" } ?? "All settings and digests:",
      Table(
        stage.entries.filter { similar?.entries.contains($0) != true },
        [.text("Name") { Table.Cell($0.name) }, .text("Value") { Table.Cell($0.value) }])
    )
  }

  private static func paperCell(
    _ variant: ModelVariant, _ task: EvaluationTask, _ split: Split
  ) -> Table.Cell {
    let result = PaperResult.find(variant, task)
    guard let result, let accuracy = result.accuracy(on: split) else {
      return Table.Cell(NumberFormat.none)
    }
    let isUpperBound = split == .test && result.isUpperBound
    return Table.Cell((isUpperBound ? "≤ " : "") + NumberFormat.percent(accuracy))
  }
}

extension Table.Cell {
  /// A metric in percent, with its standard deviation over several seeds.
  init(_ statistics: SeedStatistics?, isStrong: Bool = false) {
    self.init(
      NumberFormat.percent(statistics?.mean),
      detail: statistics?.standardDeviation.map { "± \(NumberFormat.percent($0))" },
      isStrong: isStrong)
  }
}

extension DatasetSummary {
  /// The number of classes that are counted one by one.
  static let listedClasses = 8
}

extension Split {
  /// The split as a heading.
  var title: String { rawValue.capitalized }
}
