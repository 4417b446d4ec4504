/// One measure over the runs of a model: a value a seed, their mean and how far they spread.
public struct Spread: Sendable, Equatable {
  /// The value of each seed, in the order of the seeds.
  public let values: [Double]
  /// Their mean.
  public let mean: Double
  /// Their standard deviation (n - 1); nil for one seed.
  public let standardDeviation: Double?
  /// The 95 % interval: Student's t over several seeds; for one seed what the caller knows.
  public let interval: Interval?

  /// The spread of `values`; nil if there is none.
  /// - Parameter single: the interval of the only value, if there is just one.
  public init?(_ values: [Double], single: Interval? = nil) {
    guard let mean = Reports.mean(values) else { return nil }
    self.values = values
    self.mean = mean
    standardDeviation = Reports.standardDeviation(values)
    interval = values.count > 1 ? Interval.studentT(values) : single
  }
}
