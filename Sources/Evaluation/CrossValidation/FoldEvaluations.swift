import Shards
import Support
import Tokenization

/// Collects what is measured on single folds, and pools it for the report.
struct FoldEvaluations {
  /// The predictions of a model for the rows of a fold.
  private struct FoldPredictions {
    let number: Int
    let predictions: Predictions
  }

  /// The rows of a fold.
  private struct FoldRows {
    let task: EvaluationTask
    let number: Int
    let shard: TokenShard
    let coverage: Coverage?
  }

  /// A model that learned a task from all rows.
  private struct FinalModel: Hashable {
    let variant: ModelVariant
    let task: EvaluationTask
    let name: String
  }

  private var predictions: [FoldPredictions] = []
  private var rows: [FoldRows] = []
  private var finalModels: [FinalModel] = []
  private var counts: [EvaluationTask: Int] = [:]

  /// Adds the predictions for the rows of a fold.
  mutating func add(_ predictions: Predictions, _ fold: Fold) {
    counts[predictions.task] = fold.count
    self.predictions.append(FoldPredictions(number: fold.number ?? 0, predictions: predictions))
  }

  /// Adds the rows of a fold, once for all models.
  mutating func add(
    _ shard: TokenShard, _ task: EvaluationTask, _ fold: Fold,
    _ coverage: @autoclosure () throws -> Coverage?
  ) rethrows {
    guard let number = fold.number,
      !rows.contains(where: { $0.task == task && $0.number == number })
    else { return }
    rows.append(FoldRows(task: task, number: number, shard: shard, coverage: try coverage()))
  }

  /// Adds a model that learned a task from all rows, and is not tested.
  mutating func addFinalModel(_ variant: ModelVariant, _ task: EvaluationTask, name: String) {
    finalModels.append(FinalModel(variant: variant, task: task, name: name))
  }

  /// Adds the pooled folds to the measurements of a report.
  /// - Throws: ``UserError`` with exit status `data` if folds do not fit together, or if there are only
  ///   models that are not tested.
  func pool(into input: inout ReportInput) throws {
    let cells = predictions.map { Cell($0.predictions) }.unique
    for cell in cells {
      let folds = predictions.filter { Cell($0.predictions) == cell }.sorted {
        $0.number < $1.number
      }
      if let pooled = try Predictions(pooling: folds.map(\.predictions)) {
        input.predictions.append(pooled)
      }
    }
    for task in rows.map(\.task).unique {
      let rows = rows.filter { $0.task == task }.sorted { $0.number < $1.number }
      input.datasets.append(
        DatasetSummary(pooling: rows.map(\.shard), task, rows.compactMap(\.coverage)))
    }
    let groups = predictions.map {
      Group(variant: $0.predictions.variant, task: $0.predictions.task)
    }.unique
    input.crossValidations = groups.map { group in
      let folds = predictions.filter {
        $0.predictions.variant == group.variant && $0.predictions.task == group.task
      }
      return CrossValidation(
        variant: group.variant, task: group.task, foldCount: counts[group.task] ?? 0,
        folds: folds.map { ($0.number, $0.predictions) },
        finalModels: finalModels.filter {
          $0.variant == group.variant && $0.task == group.task
        }.map(\.name))
    }
    input.notes += CrossValidation.notes(input.crossValidations)
    input.warnings += input.crossValidations.compactMap(\.missingFoldsWarning)
    try checkFinalModels(groups, &input)
  }

  /// Warns of final models whose folds are not evaluated.
  private func checkFinalModels(_ groups: [Group], _ input: inout ReportInput) throws {
    let alone = finalModels.filter {
      !groups.contains(Group(variant: $0.variant, task: $0.task))
    }
    guard let first = alone.first else { return }
    guard !input.predictions.isEmpty else {
      throw UserError(
        .data, at: first.name,
        problem: "a model that learned \(first.task.name) from all rows, and none of its folds",
        expected: "the models of the folds, which are tested on rows that they did not learn from",
        hint: "add them with --models, and their rows with --vocab")
    }
    input.warnings += alone.map {
      "\($0.task.title), \($0.variant.title): \($0.name) learned from all rows, and no model of its folds "
        + "is evaluated here, so its \($0.task.measure.rawValue) is unknown"
    }
  }

  private struct Group: Hashable {
    let variant: ModelVariant
    let task: EvaluationTask
  }

  /// The predictions that are pooled: those of a model of one seed on all folds.
  private struct Cell: Hashable {
    let group: Group
    let seed: Int
    let split: Split

    init(_ predictions: Predictions) {
      group = Group(variant: predictions.variant, task: predictions.task)
      (seed, split) = (predictions.seed, predictions.split)
    }
  }
}

extension DatasetSummary {
  /// Summarizes the rows of all folds.
  init(pooling folds: [TokenShard], _ task: EvaluationTask, _ coverage: [Coverage]) {
    self.task = task
    split = folds.first?.split ?? .test
    classNames = folds.first?.classNames ?? []
    rows = classNames.map { _ in 0 }
    tokens = 0
    for fold in folds {
      for (label, count) in fold.classCounts.enumerated() where rows.indices.contains(label) {
        rows[label] += count
      }
      labelSets = LabelSetCounts(labelSets, fold)
      tokens += fold.elementCount
      duplicates += fold.count - Set(fold.textIDs).count
    }
    let (covered, all) = coverage.reduce((0, 0)) {
      ($0.0 + $1.tokensWithVector, $0.1 + $1.tokens)
    }
    tokenCoverage = all > 0 ? Double(covered) / Double(all) : nil
    lengths = Self.histogram(folds.flatMap(\.lengths))
  }
}
