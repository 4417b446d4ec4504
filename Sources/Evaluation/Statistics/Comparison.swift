/// A paired test of two models on the same test rows.
public struct Comparison: Sendable {
  /// The tests that are used, by the names that reports print.
  public enum Test: String, Sendable {
    /// For one run of each model.
    case mcNemar = "McNemar, mid-p"
    /// For several seeds.
    case bootstrap = "paired bootstrap over texts and seeds"
  }

  /// The model that the others are compared with.
  public let first: Model
  /// The other model.
  public let second: Model
  /// The task and how it was split.
  public let column: EvaluationTask
  /// The number of rows.
  public let rows: Int
  /// The mean accuracy of the first model less that of the second.
  public let difference: Double
  /// The 95 % interval of the difference; nil for McNemar's test, which gives none.
  public let interval: ConfidenceInterval?
  /// The test.
  public let test: Test
  /// The two-sided p-value, not adjusted for the number of tests.
  public let pValue: Double
  /// The p-value adjusted after Holm over all tests of a report.
  public internal(set) var adjusted: Double
  /// The p-value of McNemar's exact test beside the mid-p value, and the rows it rests on; nil for
  /// the bootstrap.
  public let mcNemar: McNemar?

  /// Compares the runs of two models; nil when there are no rows, or when any two runs were made
  /// on different rows.
  public init?(_ first: [Predictions], _ second: [Predictions]) {
    // Which seeds the bootstrap draws must not depend on the order in which they come.
    let (first, second) = (first.sorted { $0.seed < $1.seed }, second.sorted { $0.seed < $1.seed })
    guard let a = first.first, let b = second.first, !a.gold.isEmpty,
      (first + second).allSatisfy({ $0.gold == a.gold && $0.groups == a.groups })
    else { return nil }
    (self.first, self.second, column, rows) = (a.model, b.model, a.column, a.gold.count)
    if first.count == 1, second.count == 1 {
      let result = McNemar(a.correct, b.correct)
      difference = Double(result.onlyFirst - result.onlySecond) / Double(a.gold.count)
      (test, pValue, interval, mcNemar) = (.mcNemar, result.midP, nil, result)
    } else {
      guard
        let result = PairedBootstrap(
          first.map(\.correct), second.map(\.correct), groups: a.groups)
      else { return nil }
      difference = result.difference
      (test, pValue, interval, mcNemar) = (.bootstrap, result.pValue, result.interval, nil)
    }
    adjusted = pValue
  }
}
