/// Where a value may well lie, and how that was found out.
public struct ConfidenceInterval: Sendable, Equatable {
  /// How an interval was made, by the name that reports print.
  public enum Method: String, Sendable {
    /// Wilson's score interval of a share: what another sample of test rows might give.
    case wilson = "Wilson score"
    /// Student's t over runs from different seeds: what other seeds might give.
    case studentT = "Student's t over seeds"
    /// Percentiles of the paired bootstrap: what another sample of test texts might give.
    case bootstrap = "paired bootstrap"
  }

  /// The lower end.
  public var low: Double
  /// The upper end.
  public var high: Double
  /// How it was made.
  public var method: Method

  /// An interval of these ends.
  public init(low: Double, high: Double, method: Method) {
    self.low = low
    self.high = high
    self.method = method
  }

  /// The standard normal deviate that leaves 2.5 % on each side.
  static let normal95 = 1.959963984540054

  /// Wilson's 95 % interval of a share of `correct` among `total`; nil if `total` is 0.
  public static func wilson(correct: Int, total: Int) -> ConfidenceInterval? {
    guard total > 0 else { return nil }
    let (n, z) = (Double(total), normal95)
    let share = Double(correct) / n
    let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return ConfidenceInterval(
      low: max(0, middle - half), high: min(1, middle + half), method: .wilson)
  }

  /// The 95 % interval of the mean of shares after Student, cut at 0 and 1; nil for fewer than two.
  public static func studentT(_ values: [Double]) -> ConfidenceInterval? {
    guard let mean = mean(values), let deviation = standardDeviation(values) else { return nil }
    let half =
      StudentT.quantile(0.975, freedom: values.count - 1) * deviation
      / Double(values.count).squareRoot()
    return ConfidenceInterval(
      low: max(0, mean - half), high: min(1, mean + half), method: .studentT)
  }
}

/// The standard deviation of a sample, with n - 1 in the denominator; nil for fewer than two.
func standardDeviation(_ values: [Double]) -> Double? {
  guard values.count > 1, let mean = mean(values) else { return nil }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(values.count - 1)).squareRoot()
}
