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
