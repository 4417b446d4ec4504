/// One measure over the runs of a model: a value a seed, their mean and how far they spread.
public struct SeedStatistics: Sendable, Equatable {
  /// The value of each seed, in the order of the seeds.
  public let values: [Double]
  /// Their mean.
  public let mean: Double
  /// Their standard deviation (n - 1); nil for one seed.
  public let standardDeviation: Double?
  /// The 95 % interval: Student's t over several seeds; for one seed what the caller knows.
  public let interval: ConfidenceInterval?

  /// The spread of `values`; nil if there is none.
  /// - Parameter single: the interval of the only value, if there is just one.
  public init?(_ values: [Double], single: ConfidenceInterval? = nil) {
    guard let mean = Evaluation.mean(values) else { return nil }
    self.values = values
    self.mean = mean
    standardDeviation = Evaluation.standardDeviation(values)
    interval = values.count > 1 ? ConfidenceInterval.studentT(values) : single
  }
}
