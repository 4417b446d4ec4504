import DLNC
import Foundation
import Testing
import Training

@testable import Evaluation

/// The accuracy by the number of labelled rows.
struct SizeCurveTests {
  /// Errors of the law 2 n^-0.3 with noise for each of ten parts of 1000 rows.
  private func curve(noise: Int) -> SizeCurve {
    let sizes = [2250.0, 4500, 9000]
    return SizeCurve(
      EvaluationTask(name: "a"), rows: 10_000,
      HeldOutErrors(
        fitted: sizes, rows: Array(repeating: 1000, count: 10),
        errors: sizes.enumerated().map { index, size in
          (0..<10).map { part in
            Int((2000 * pow(size, -0.3)).rounded()) + noise * ((part * (index + 2) * 7) % 5 - 2)
          }
        }))
  }

  @Test func `a power law is recovered and extrapolated`() {
    let curve = curve(noise: 0)
    #expect(close(curve.measured[2].accuracy, 1 - 2 * pow(9000, -0.3), 0.001))
    let double = curve.estimate(20_000)
    #expect(close(double.accuracy, 1 - 2 * pow(20_000, -0.3), 0.001))
    #expect(close(double.gain, 2 * pow(10_000, -0.3) - 2 * pow(20_000, -0.3), 0.001))
    // Without noise, the margin is that of the law: Student's quantile for nine degrees of freedom.
    #expect(close(double.margin, 2.2622 * SizeCurve.lawError * double.gain, 0.0005))
    #expect(curve.further == 5000)
    #expect(curve.text.hasPrefix("Another 5,000 rows should add 1.4 ± 0."), "\(curve.text)")
  }

  @Test func `margins grow with the noise and with the distance`() {
    let (quiet, loud) = (curve(noise: 2), curve(noise: 12))
    #expect(loud.estimate(20_000).margin > quiet.estimate(20_000).margin)
    let margins = loud.estimates.map(\.margin)
    #expect(margins == margins.sorted() && margins[0] > 0)
  }

  @Test func `without a trend, more rows need not help, and a model without errors is no trap`() {
    func flat(_ errors: Int) -> SizeCurve {
      SizeCurve(
        EvaluationTask(name: "a"), rows: 120,
        HeldOutErrors(
          fitted: [27, 54, 108], rows: Array(repeating: 12, count: 10),
          errors: Array(repeating: Array(repeating: errors, count: 10), count: 3)))
    }
    #expect(flat(3).text.hasPrefix("Another 50 rows need not help"), "\(flat(3).text)")
    #expect(flat(0).estimates.allSatisfy { $0.accuracy.isFinite && $0.margin.isFinite })
  }
}
