import Shards
import Support

/// The results of one model on the folds of a task.
struct CrossValidation: Sendable {
  let variant: ModelVariant
  let task: EvaluationTask
  /// The number of folds that the rows were dealt to.
  let foldCount: Int
  let split: Split
  /// The measure on each fold, averaged over the seeds, by the number of the fold.
  let scores: [(fold: Int, score: Double)]
  /// The number of rows of all folds, each counted once.
  let rows: Int
  /// The measure over the rows of all folds, averaged over the seeds.
  let score: Double
  /// The models that learned from all rows: those to use.
  let finalModels: [String]

  init(
    variant: ModelVariant, task: EvaluationTask, foldCount: Int,
    folds: [(number: Int, predictions: Predictions)], finalModels: [String]
  ) {
    (self.variant, self.task, self.foldCount) = (variant, task, foldCount)
    self.finalModels = finalModels
    split = folds.first?.predictions.split ?? .test
    let numbers = Set(folds.map(\.number)).sorted()
    let byFold = numbers.map { number in
      (number, folds.filter { $0.number == number }.map(\.predictions))
    }
    func score(_ runs: [Predictions]) -> Double {
      guard task.isMultiLabel else { return MeasureTerms(runs.map(\.terms)).score ?? 0 }
      let seeds = Dictionary(grouping: runs, by: \.seed).sorted { $0.key < $1.key }
      return mean(seeds.compactMap { MeasureTerms($0.value.map(\.terms)).score }) ?? 0
    }
    scores = byFold.map { ($0, score($1)) }
    rows = byFold.reduce(0) { $0 + ($1.1.first?.labels.count ?? 0) }
    self.score = score(folds.map(\.predictions))
  }

  /// The standard deviation of the scores of the folds; nil for fewer than two.
  var deviation: Double? { standardDeviation(scores.map(\.score)) }

  /// The warning that folds are missing; nil if all are there.
  var missingFoldsWarning: String? {
    let missing = (1...max(foldCount, 1)).filter { number in
      !scores.contains { $0.fold == number }
    }
    guard !missing.isEmpty else { return nil }
    return "\(task.title), \(variant.title): no model of "
      + (missing.count == 1 ? "fold " : "the folds ")
      + missing.map(String.init).joined(separator: ", ")
      + "; the results cover the \(rows) rows of the others"
  }

  /// Remarks for the reader: how each task was tested, and the models to use.
  static func notes(_ results: [CrossValidation]) -> [String] {
    results.map(\.task).unique.flatMap { task -> [String] in
      let results = results.filter { $0.task == task }
      guard let first = results.first else { return [] }
      let rows = results.map(\.rows).max() ?? 0
      let method =
        first.split == .test
        ? "Each row was tested once, by a model that learned from the other folds; results, intervals and "
          + "paired tests are over all rows. The intervals take the rows as independent; as the models of "
          + "the folds share most of their training rows, they may be a little too narrow."
        : "The results are over the \(first.split.rawValue) rows of all folds, which may overlap."
      let models = results.filter { !$0.finalModels.isEmpty }.map {
        "\($0.variant.title): \($0.finalModels.joined(separator: ", "))"
      }
      return [
        "\(task.name): \(first.foldCount)-fold cross-validation, \(NumberFormat.grouped(rows)) rows. \(method)"
      ]
        + (models.isEmpty
          ? []
          : [
            "\(task.name): to use, take the model that was trained on all rows: "
              + models.joined(separator: "; ")
              + ". It was not tested itself; the folds estimate its \(task.measure.rawValue)."
          ])
    }
  }
}

extension Report {
  /// The spread over the folds, and the models to use.
  private var crossValidationTable: Table {
    Table(
      crossValidations,
      [
        .text("Data") { Table.Cell($0.task.title) },
        .text("Model") { Table.Cell($0.variant.title) },
        .number("Rows") { Table.Cell($0.rows) },
        .number(Measure.phrase(crossValidations.map(\.task.measure)).capitalizedFirst) { result in
          Table.Cell(
            NumberFormat.percent(result.score),
            detail: result.deviation.map { "± \(NumberFormat.percent($0))" }, isStrong: true)
        },
        .text("Each fold") { result in
          Table.Cell(
            result.scores.map { NumberFormat.percent($0.score) }.joined(separator: ", "))
        },
        .text("Model to use") { result in
          Table.Cell(
            result.finalModels.isEmpty
              ? NumberFormat.none : result.finalModels.joined(separator: ", "))
        },
      ])
  }

  /// The section; nil without cross-validation.
  var crossValidationSection: Section? {
    if crossValidations.isEmpty { return nil }
    return Section("folds", "Cross-validation") {
      Block.table(crossValidationTable, caption: crossValidationExplanation, isStacked: true)
    }
  }

  /// The meaning of ``crossValidationTable``.
  private var crossValidationExplanation: String {
    Measure.phrase(crossValidations.map(\.task.measure)).capitalizedFirst
      + " in %, over the rows of all folds ± the standard deviation of the folds. The model to use was "
      + "trained on all rows, of which some may be for validation alone."
  }
}

extension CrossValidation: JSONConvertible {
  var json: JSON {
    .object(
      task.members,
      [
        "model": variant.name, "training": variant.training.rawValue, "detail": variant.detail,
        "folds": foldCount,
        "split": split.rawValue, "rows": rows, task.measure.key: score, "deviation": deviation,
        task.isMultiLabel ? "microF1s" : "accuracies": scores.map {
          JSON.object(["fold": $0.fold, task.measure.key: $0.score])
        }, "use": finalModels,
      ])
  }
}
