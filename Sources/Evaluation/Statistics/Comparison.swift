import Foundation

/// A paired test of two models on the same rows.
struct Comparison: Sendable {
  /// The test; the raw value is its name in reports.
  enum Test: String, Sendable {
    /// For one run of each model, if each row is right or wrong.
    case mcNemar = "McNemar, mid-p"
    /// For several seeds, and for multi-label tasks.
    case bootstrap = "paired bootstrap over texts and seeds"
  }

  /// The reference model.
  private(set) var first: ModelVariant
  private(set) var second: ModelVariant
  let task: EvaluationTask
  let rows: Int
  /// The mean measure of the first model, accuracy or micro-F1, minus that of the second.
  private(set) var difference: Double
  /// The 95 % interval of the difference; nil for McNemar's test.
  private(set) var interval: ConfidenceInterval?
  let test: Test
  /// The two-sided p-value, not adjusted for the number of tests.
  let pValue: Double
  /// The p-value after Holm's adjustment over all tests of a report.
  var adjustedPValue: Double
  /// The counts and the exact p-value of McNemar's test; nil for the bootstrap.
  private(set) var mcNemar: McNemar?

  /// The same test with the models in the other order.
  var reversed: Comparison {
    var result = self
    (result.first, result.second, result.difference) = (second, first, -difference)
    result.interval = interval.map {
      ConfidenceInterval(low: -$0.high, high: -$0.low, method: $0.method)
    }
    result.mcNemar = mcNemar.map {
      McNemar(onlyFirst: $0.onlySecond, onlySecond: $0.onlyFirst)
    }
    return result
  }

  /// Compares the runs of two models; nil if there are no rows or if the runs have different rows.
  init?(_ first: [Predictions], _ second: [Predictions]) {
    // The seeds that the bootstrap draws must not depend on the order of the runs.
    let (first, second) = (first.sorted { $0.seed < $1.seed }, second.sorted { $0.seed < $1.seed })
    guard let a = first.first, let b = second.first, !a.labels.isEmpty,
      (first + second).allSatisfy({
        $0.labels == a.labels && $0.textIDs == a.textIDs
          && $0.labelPredictions?.actual == a.labelPredictions?.actual
      })
    else { return nil }
    (self.first, self.second, task, rows) = (a.variant, b.variant, a.task, a.labels.count)
    if first.count == 1, second.count == 1, !a.task.isMultiLabel {
      let result = McNemar(a.correct, b.correct)
      difference = Double(result.onlyFirst - result.onlySecond) / Double(a.labels.count)
      (test, pValue, interval, mcNemar) = (.mcNemar, result.midP, nil, result)
    } else {
      guard
        let result = PairedBootstrap(
          first.map(\.terms), second.map(\.terms), textIDs: a.textIDs)
      else { return nil }
      difference = result.difference
      (test, pValue, interval, mcNemar) = (.bootstrap, result.pValue, result.interval, nil)
    }
    adjustedPValue = pValue
  }
}

/// McNemar's exact test: do two models err equally often on the same rows?
///
/// Rows that both models get right or wrong carry no information. Of the others, each model gets half
/// right under the null hypothesis, so the count is binomial. Rows are taken as independent.
struct McNemar: Sendable, Equatable {
  /// The number of rows that only the first model got right.
  let onlyFirst: Int
  /// The number of rows that only the second model got right.
  let onlySecond: Int

  init(onlyFirst: Int, onlySecond: Int) {
    (self.onlyFirst, self.onlySecond) = (onlyFirst, onlySecond)
  }

  /// Counts the rows of two models, given in the same order.
  init(_ first: [Bool], _ second: [Bool]) {
    onlyFirst = zip(first, second).count { $0 && !$1 }
    onlySecond = zip(first, second).count { !$0 && $1 }
  }

  /// The two-sided p-value of the exact (binomial) test; 1 if the models never differ.
  var exact: Double { min(1, 2 * cumulative(upTo: min(onlyFirst, onlySecond))) }

  /// The two-sided mid-p value, which gives the observed counts half their weight and so makes the
  /// exact test less conservative (Fagerland, Lydersen and Laake 2013); 1 if the models never differ.
  var midP: Double {
    let (fewer, total) = (min(onlyFirst, onlySecond), onlyFirst + onlySecond)
    guard total > 0 else { return 1 }
    let observed = exp(logProbability(fewer, of: total))
    return onlyFirst == onlySecond
      ? 1 - observed / 2 : min(1, 2 * cumulative(upTo: fewer) - observed)
  }

  /// The binomial probability of at most `count` of all differing rows.
  private func cumulative(upTo count: Int) -> Double {
    (0...count).reduce(0) { $0 + exp(logProbability($1, of: onlyFirst + onlySecond)) }
  }

  /// The logarithm of the probability of `count` heads in `total` tosses of a fair coin.
  private func logProbability(_ count: Int, of total: Int) -> Double {
    logGamma(Double(total + 1)) - logGamma(Double(count + 1)) - logGamma(Double(total - count + 1))
      - Double(total) * log(2)
  }
}

/// Holm's adjustment (1979) of the p-values of a family of tests: the probability that any adjusted
/// value below 5 % is a false positive is at most 5 %, whatever the dependence between the tests.
/// - Returns: the adjusted p-values in the order given.
func holm(_ pValues: [Double]) -> [Double] {
  var adjusted = pValues
  var largest = 0.0
  let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  for (rank, index) in order.enumerated() {
    largest = max(largest, min(1, pValues[index] * Double(pValues.count - rank)))
    adjusted[index] = largest
  }
  return adjusted
}
