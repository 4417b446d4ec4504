import Shards

/// What one model reached on one split of one column, over its seeds.
public struct EvaluationResult: Sendable {
  /// The mean scores of one class.
  public struct Class: Sendable, Equatable {
    /// The name of the class.
    public var label: String
    /// The number of its rows, over all seeds.
    public var rows: Int
    /// The mean precision over the seeds that predicted the class at all.
    public var precision: Double?
    /// The mean recall.
    public var recall: Double?
    /// The mean F1.
    public var f1: Double?
  }

  /// The model.
  public let model: Model
  /// The task and how it was split.
  public let column: EvaluationTask
  /// The rows that were predicted.
  public let split: Split
  /// The names of the classes.
  public let classNames: [String]
  /// The seeds in rising order.
  public let seeds: [Int]
  /// The number of rows a seed; the fewest, if the seeds differ.
  public let rows: Int
  /// The share of rows that are right; nil if there are none.
  public let accuracy: SeedStatistics?
  /// The mean F1 of the classes.
  public let macroF1: SeedStatistics?
  /// The share of rows whose prediction fits any row of the same text; nil when no text stands
  /// under several classes.
  public let anyMatch: SeedStatistics?
  /// The best strict accuracy that single answers can reach; nil as for `anyMatch`.
  public let strictLimit: Double?
  /// The scores of each class.
  public let classes: [Class]
  /// The confusion matrices of all seeds, added up.
  public let confusion: ConfusionMatrix
  /// The calibration of all seeds' predictions, taken together.
  public let calibration: Calibration
  /// The paper's accuracy for this cell, if it prints one.
  public let paper: Double?

  /// Sums up the runs of one model on one split; `runs` differ in nothing but seed and rows.
  init?(_ runs: [Predictions]) {
    let runs = runs.sorted { $0.seed < $1.seed }
    guard let first = runs.first else { return nil }
    (model, column, split, classNames) = (first.model, first.column, first.split, first.classNames)
    seeds = runs.map(\.seed)
    rows = runs.map(\.gold.count).min() ?? 0
    let matrices = runs.map(ConfusionMatrix.init)
    let filled = matrices.filter { $0.total > 0 }
    accuracy = SeedStatistics(
      filled.map { Double($0.correct) / Double($0.total) },
      single: filled.first.flatMap {
        ConfidenceInterval.wilson(correct: $0.correct, total: $0.total)
      })
    macroF1 = SeedStatistics(matrices.compactMap(\.macroF1))
    let matches = runs.map(AnyLabelAccuracy.init).filter { $0.total > 0 }
    let ambiguous = matches.contains { $0.ambiguous > 0 }
    anyMatch =
      ambiguous
      ? SeedStatistics(
        matches.compactMap(\.accuracy),
        single: matches.first.flatMap {
          ConfidenceInterval.wilson(correct: $0.correct, total: $0.total)
        })
      : nil
    strictLimit =
      ambiguous ? mean(matches.map { Double($0.strictLimit) / Double($0.total) }) : nil
    let scores = matrices.map(\.classScores)
    classes = first.classNames.enumerated().map { index, label in
      let runs = scores.map { $0[index] }
      return Class(
        label: label, rows: runs.reduce(0) { $0 + $1.gold },
        precision: mean(runs.compactMap(\.precision)), recall: mean(runs.compactMap(\.recall)),
        f1: mean(runs.compactMap(\.f1)))
    }
    confusion = matrices.reduce(into: ConfusionMatrix(classes: first.classNames.count), +=)
    calibration = Calibration(runs)
    paper = PaperResults.accuracy(model: model, column: column, split: split)
  }
}
