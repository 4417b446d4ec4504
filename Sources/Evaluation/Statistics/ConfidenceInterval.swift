import Foundation

/// The values of one metric over the seeds of a model, and their mean.
struct SeedStatistics: Sendable, Equatable {
  /// The value of each seed, in the order of the seeds.
  let values: [Double]
  let mean: Double
  /// The standard deviation of the sample (n − 1); nil for one seed.
  let standardDeviation: Double?
  /// The 95 % interval: Student's t for several seeds, otherwise the interval of the only value, if it
  /// is known.
  let interval: ConfidenceInterval?

  /// Summarizes `values`; nil if there are none.
  /// - Parameter single: the interval of the value if there is only one.
  init?(_ values: [Double], single: ConfidenceInterval? = nil) {
    guard let mean = Evaluation.mean(values) else { return nil }
    self.values = values
    self.mean = mean
    standardDeviation = Evaluation.standardDeviation(values)
    interval = values.count > 1 ? .studentT(values) : single
  }

  /// Summarizes proportions `correct / total`, leaving out those of no rows. The interval of a single
  /// one is Wilson's.
  init?(counts: [(correct: Int, total: Int)]) {
    let counts = counts.filter { $0.total > 0 }
    self.init(
      counts.map { Double($0.correct) / Double($0.total) },
      single: counts.first.flatMap { .wilson(correct: $0.correct, total: $0.total) })
  }
}

/// A 95 % confidence interval, and the method that computed it.
struct ConfidenceInterval: Sendable, Equatable {
  /// The method; the raw value is its name in reports.
  enum Method: String, Sendable {
    /// Wilson's score interval of a proportion; covers the sampling of test rows.
    case wilson = "Wilson score"
    /// Student's t over runs from different seeds; covers the choice of seeds.
    case studentT = "Student's t over seeds"
    /// Percentiles of the paired bootstrap; covers the sampling of test texts and seeds.
    case bootstrap = "paired bootstrap"
    /// Percentiles of the bootstrap of one run; covers the sampling of test texts.
    case textBootstrap = "bootstrap over texts"
  }

  let low: Double
  let high: Double
  let method: Method

  /// The interval of the proportion `correct / total`; nil if `total` is 0.
  static func wilson(correct: Int, total: Int) -> ConfidenceInterval? {
    guard total > 0 else { return nil }
    // The standard normal quantile of 0.975.
    let (n, z) = (Double(total), 1.959963984540054)
    let proportion = Double(correct) / n
    let center = (proportion + z * z / (2 * n)) / (1 + z * z / n)
    let half =
      z / (1 + z * z / n) * (proportion * (1 - proportion) / n + z * z / (4 * n * n)).squareRoot()
    return ConfidenceInterval(
      low: max(0, center - half), high: min(1, center + half), method: .wilson)
  }

  /// The interval of the mean of fractions, clamped to 0 and 1; nil for fewer than two.
  static func studentT(_ values: [Double]) -> ConfidenceInterval? {
    guard let mean = mean(values), let deviation = standardDeviation(values) else { return nil }
    let half =
      StudentT.quantile(0.975, degreesOfFreedom: values.count - 1) * deviation
      / Double(values.count).squareRoot()
    return ConfidenceInterval(
      low: max(0, mean - half), high: min(1, mean + half), method: .studentT)
  }
}

/// The mean; nil for no values.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// The standard deviation of a sample, with n − 1 in the denominator; nil for fewer than two values.
func standardDeviation(_ values: [Double]) -> Double? {
  guard values.count > 1, let mean = mean(values) else { return nil }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(values.count - 1)).squareRoot()
}

/// Student's t distribution, computed from the regularized incomplete beta function.
enum StudentT {
  /// The quantile of a probability between 0 and 1, for `degreesOfFreedom` > 0.
  static func quantile(_ probability: Double, degreesOfFreedom: Int) -> Double {
    guard probability != 0.5 else { return 0 }
    guard probability > 0.5 else {
      return -quantile(1 - probability, degreesOfFreedom: degreesOfFreedom)
    }
    var (low, high) = (0.0, 1.0)
    while cumulative(high, degreesOfFreedom: degreesOfFreedom) < probability, high < 1e300 {
      high *= 2
    }
    // Bisection ends when there is no number between the bounds.
    while case let middle = (low + high) / 2, middle > low, middle < high {
      if cumulative(middle, degreesOfFreedom: degreesOfFreedom) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return high
  }

  /// The probability of a value below `value`.
  static func cumulative(_ value: Double, degreesOfFreedom: Int) -> Double {
    let n = Double(degreesOfFreedom)
    let tail = incompleteBeta(n / (n + value * value), n / 2, 0.5) / 2
    return value > 0 ? 1 - tail : tail
  }

  /// The regularized incomplete beta function I_x(a, b), for x from 0 to 1.
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast below the mean; above it, use the other tail.
    guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(
      logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
    return front * continuedFraction(x, a, b) / a
  }

  /// Lentz's evaluation of the continued fraction of the incomplete beta function (DLMF 8.17.22).
  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func awayFromZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...500 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      var change = 1.0
      for term in [even, odd] {
        d = 1 / awayFromZero(1 + term * d)
        c = awayFromZero(1 + term / c)
        change = c * d
        result *= change
      }
      if abs(change - 1) < 1e-15 { break }
    }
    return result
  }
}

/// The logarithm of the gamma function of a positive number, by Lanczos's approximation (g = 7,
/// n = 9). The C library's `lgamma` is not thread-safe: it stores the sign in a global variable.
func logGamma(_ x: Double) -> Double {
  let coefficients = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  if x < 0.5 { return log(Double.pi / sin(Double.pi * x)) - logGamma(1 - x) }
  let shifted = x - 1
  var sum = 0.99999999999980993
  for (index, coefficient) in coefficients.enumerated() {
    sum += coefficient / (shifted + Double(index + 1))
  }
  let t = shifted + 7.5
  return 0.5 * log(2 * Double.pi) + (shifted + 0.5) * log(t) - t + log(sum)
}
