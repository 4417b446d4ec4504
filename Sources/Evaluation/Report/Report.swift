import Shards
import Support

/// All results of a manifest, summed up over seeds and put beside the paper's.
///
/// ``json()`` and ``markdown()`` carry no times, so the same results are the same bytes; ``html()``
/// also shows what the run cost and quotes texts. ``figures()`` are the page's charts as files.
public struct Report: Sendable {
  /// The heading of the report.
  public let title: String
  /// The model that the paired tests compare the others with.
  public let reference: String
  /// What each model reached on each split of each column, in the order of the tables.
  public let outcomes: [EvaluationResult]
  /// The split that models are compared on: the test rows or, in a report that left them alone, the
  /// validation rows.
  public let judged: Split
  /// The paired tests on the judged rows.
  public let comparisons: [Comparison]
  /// The learning curves, in the order of the columns.
  public let curves: [LearningCurve]
  /// The data, in the order of the columns.
  public let data: [DataSummary]
  /// Settings and digests, as given.
  public let provenance: [Provenance]
  /// One digest that stands for all settings and inputs, as given.
  public let recipe: String?
  /// The model files, as given.
  public let models: [ModelFile]
  /// The cost of the stages, as given.
  public let costs: [ResourceUsage]
  /// Remarks for the reader: those given, and what the report itself noticed.
  public let notes: [String]
  /// The most confident mistakes of the reference model on each column's judged rows.
  public let mistakes: [Misclassification]

  /// Sums up what is given.
  /// - Parameters:
  ///   - predictions: of every model, seed, column and split.
  ///   - reference: the name of the model that the others are compared with.
  /// - Throws: ``UserError`` of kind `data` when a run is given twice, or when runs of one column and
  ///   split disagree about the classes.
  public init(
    title: String, predictions: [Predictions], curves: [LearningCurve] = [],
    data: [DataSummary] = [], provenance: [Provenance] = [], costs: [ResourceUsage] = [],
    recipe: String? = nil, models: [ModelFile] = [], notes: [String] = [],
    reference: String = "dlnc"
  ) throws {
    try Self.check(predictions)
    (self.title, self.reference) = (title, reference)
    (self.provenance, self.costs) = (provenance, costs)
    self.curves = EvaluationTask.grouped(curves, by: \.column)
    self.data = EvaluationTask.grouped(data, by: \.column)
    (self.recipe, self.models) = (recipe, models)
    let columns = EvaluationTask.ordered(predictions.map(\.column))
    outcomes = columns.flatMap { column in
      Model.ordered(predictions.map(\.model)).flatMap { model in
        Split.allCases.compactMap { split in
          EvaluationResult(
            predictions.filter { $0.column == column && $0.model == model && $0.split == split })
        }
      }
    }
    let judged = predictions.map(\.split).max() ?? .test
    self.judged = judged
    let tests = predictions.filter { $0.split == judged }
    var (comparisons, remarks): ([Comparison], [String]) = ([], [])
    for column in columns {
      let (found, missing) = Self.compare(tests.filter { $0.column == column }, with: reference)
      comparisons += found
      remarks += missing
    }
    for (index, adjusted) in holm(comparisons.map(\.pValue)).enumerated() {
      comparisons[index].adjusted = adjusted
    }
    self.comparisons = comparisons
    self.notes = notes + remarks
    mistakes = columns.flatMap { column in
      Misclassification.list(tests.filter { $0.column == column && $0.model.name == reference })
    }
  }

  /// The columns in the order of the paper's tasks, others behind in the order given.
  public var columns: [EvaluationTask] { EvaluationTask.ordered(outcomes.map(\.column)) }

  /// The outcome of a model on a split of a column, if it was measured.
  public func outcome(_ model: Model, _ column: EvaluationTask, _ split: Split) -> EvaluationResult?
  {
    outcomes.first { $0.model == model && $0.column == column && $0.split == split }
  }

  /// What a model reached on the rows that models are compared on.
  func outcome(_ model: Model, _ column: EvaluationTask) -> EvaluationResult? {
    outcome(model, column, judged)
  }

  /// The outcomes on the rows that models are compared on.
  var judgedOutcomes: [EvaluationResult] { outcomes.filter { $0.split == judged } }

  /// The models measured in a column, in the order of the tables.
  public func models(_ column: EvaluationTask) -> [Model] {
    unique(outcomes.filter { $0.column == column }.map(\.model))
  }

  private static func check(_ predictions: [Predictions]) throws {
    for (index, run) in predictions.enumerated() {
      for other in predictions[..<index]
      where (other.column, other.split) == (run.column, run.split) {
        let place = "\(run.column.title), \(run.split.rawValue)"
        if other.model == run.model, other.seed == run.seed {
          throw UserError(
            .data, at: place, problem: "\(run.model.title), seed \(run.seed) twice",
            expected: "one set of predictions for each model and seed")
        }
        if other.classNames != run.classNames {
          throw UserError(
            .data, at: place,
            problem: "the classes \(other.classNames) and the classes \(run.classNames)",
            expected: "the same classes in the same order for every model",
            hint: "evaluate models of the same data together")
        }
      }
    }
  }

  /// Tests the reference against each other model of a column's judged runs.
  private static func compare(
    _ runs: [Predictions], with reference: String
  ) -> (found: [Comparison], remarks: [String]) {
    let models = Model.ordered(runs.map(\.model))
    guard
      let first = models.first(where: { $0 == Model(reference, .fineTuned) })
        ?? models.first(where: { $0.name == reference })
    else { return ([], []) }
    var (found, remarks): ([Comparison], [String]) = ([], [])
    for second in models where second != first {
      let pair = [first, second].map { model in runs.filter { $0.model == model } }
      if let comparison = Comparison(pair[0], pair[1]) {
        found.append(comparison)
      } else if let column = runs.first?.column {
        remarks.append(
          "\(column.title): no paired test of \(first.title) and \(second.title), because their "
            + "runs were tested on different rows")
      }
    }
    return (found, remarks)
  }
}
