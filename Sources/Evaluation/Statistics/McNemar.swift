import Foundation

/// McNemar's exact test: do two models err on the same rows equally often?
///
/// Rows that both get right or both get wrong say nothing; among the others each model is right
/// with probability 1/2 if there is no difference, so the count is binomial. Rows are taken as
/// independent.
public struct McNemar: Sendable, Equatable {
  /// Rows that only the first model got right.
  public let onlyFirst: Int
  /// Rows that only the second model got right.
  public let onlySecond: Int

  /// The test of these counts.
  public init(onlyFirst: Int, onlySecond: Int) {
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
  }

  /// The test of two models' rows, in the same order.
  public init(_ first: [Bool], _ second: [Bool]) {
    let pairs = Array(zip(first, second))
    onlyFirst = pairs.count { $0 && !$1 }
    onlySecond = pairs.count { !$0 && $1 }
  }

  /// The two-sided p-value of the exact (binomial) test; 1 if the models never differ.
  public var exact: Double { min(1, 2 * tail(upTo: min(onlyFirst, onlySecond))) }

  /// The two-sided mid-p value: the counts seen weigh only half, which makes the exact test less
  /// conservative (Fagerland, Lydersen and Laake 2013); 1 if the models never differ.
  public var midP: Double {
    let (fewer, total) = (min(onlyFirst, onlySecond), onlyFirst + onlySecond)
    guard total > 0 else { return 1 }
    let seen = exp(logProbability(fewer, of: total))
    return onlyFirst == onlySecond ? 1 - seen / 2 : min(1, 2 * tail(upTo: fewer) - seen)
  }

  /// The probability of at most `count` of all differing rows.
  private func tail(upTo count: Int) -> Double {
    let total = onlyFirst + onlySecond
    return (0...count).reduce(0) { $0 + exp(logProbability($1, of: total)) }
  }

  /// The logarithm of the probability of `count` heads among `total` throws of a fair coin.
  private func logProbability(_ count: Int, of total: Int) -> Double {
    logGamma(Double(total + 1)) - logGamma(Double(count + 1)) - logGamma(Double(total - count + 1))
      - Double(total) * log(2)
  }
}
