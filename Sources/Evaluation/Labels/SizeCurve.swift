import DLNC
import Foundation
import Support
import Training

/// How the accuracy of a bag of words depends on the number of labelled rows: a power law of the error,
/// e(n) = b n^-c, fitted to the errors on held-out rows by least squares of the logarithms.
struct SizeCurve {
  /// An accuracy, and half of its 95 % interval.
  struct Estimate {
    let rows: Int
    let accuracy: Double
    /// The difference to the accuracy with all rows, in a paired estimate.
    let gain: Double
    let margin: Double
  }

  let task: EvaluationTask
  /// The number of labelled rows.
  let rows: Int
  /// The measured accuracies, the fewest rows first.
  let measured: [(rows: Double, accuracy: Double)]
  private let laws: [PowerLaw]
  private let all: PowerLaw

  /// The shares of the rows that are measured. Of less than a quarter, errors hardly follow a power law.
  static let shares = [0.25, 0.5, 1]
  /// Fewer rows have intervals that say nothing.
  static let fewestRows = 100
  /// The standard error of the law with twice the rows, as a fraction of the gain, measured on public data
  /// sets. It grows with the square root of the number of doublings, as that of a random walk.
  static let lawError = 0.33

  /// Fits the law to all parts, and without each of them.
  init(_ task: EvaluationTask, rows: Int, _ errors: HeldOutErrors) {
    (self.task, self.rows) = (task, rows)
    let total = errors.rows.reduce(0, +)
    measured = zip(errors.fitted, errors.errors).map {
      ($0, 1 - Double($1.reduce(0, +)) / Double(total))
    }
    all = PowerLaw(errors, without: nil)
    laws = errors.rows.indices.filter { errors.rows[$0] > 0 }.map { PowerLaw(errors, without: $0) }
  }

  /// The accuracy with a number of rows.
  func accuracy(_ rows: Double) -> Double { 1 - all.error(rows) }

  /// The expected accuracy with more rows. The margin is that of the gain, by the jackknife over the
  /// parts, which differ in their held-out rows and in the draws of the others, and by ``lawError``.
  func estimate(_ target: Int) -> Estimate {
    func gain(_ law: PowerLaw) -> Double { law.error(Double(rows)) - law.error(Double(target)) }
    let gains = laws.map(gain)
    let center = mean(gains) ?? 0
    let squares = gains.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let count = Double(max(gains.count, 2))
    let law = Self.lawError * gain(all)
    let doublings = log2(Double(target) / Double(rows))
    let error = ((count - 1) / count * squares + law * law * doublings).squareRoot()
    return Estimate(
      rows: target, accuracy: accuracy(Double(target)), gain: gain(all),
      margin: StudentT.quantile(0.975, degreesOfFreedom: max(gains.count, 2) - 1) * error)
  }

  /// About half as many rows as there are: 1, 2 or 5 times a power of ten.
  var further: Int {
    let half = max(Double(rows) / 2, 1)
    let power = Int(pow(10, floor(log10(half))))
    return power * ([5, 2].first { Double(power * $0) <= half } ?? 1)
  }

  /// The estimates of the report: with ``further`` rows more, and two, four and eight times as many.
  var estimates: [Estimate] { [rows + further, 2 * rows, 4 * rows, 8 * rows].map(estimate) }

  /// The answer in a sentence.
  var text: String {
    let next = estimate(rows + further)
    let rows = "Another \(NumberFormat.grouped(further)) rows"
    guard next.gain > next.margin else {
      return "\(rows) need not help: they should change the accuracy by "
        + "\(NumberFormat.points(next.gain)) ± \(NumberFormat.percent(next.margin)) points."
    }
    return "\(rows) should add \(NumberFormat.percent(next.gain)) ± "
      + "\(NumberFormat.percent(next.margin)) points of accuracy."
  }
}

/// e(n) = b n^-c.
private struct PowerLaw {
  private let logB: Double
  private let c: Double

  /// The least squares of the logarithms, without the rows of a part. Half an error is added, so that
  /// there is a logarithm without errors.
  init(_ errors: HeldOutErrors, without part: Int?) {
    func sum(_ counts: [Int]) -> Double {
      Double(counts.reduce(0, +) - (part.map { counts[$0] } ?? 0))
    }
    let total = sum(errors.rows) + 1
    let points = zip(errors.fitted, errors.errors).map {
      (log(max($0, 1)), log((sum($1) + 0.5) / total))
    }
    let (x, y) = (mean(points.map(\.0)) ?? 0, mean(points.map(\.1)) ?? 0)
    let spread = points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    let slope = points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) } / max(spread, 1e-12)
    (logB, c) = (y - slope * x, -slope)
  }

  func error(_ rows: Double) -> Double { min(1, exp(logB - c * log(rows))) }
}
