import Foundation

/// A range of values with round ticks that cover it.
struct Axis: Equatable {
  /// The ticks in rising order, at least two; the axis runs from the first to the last.
  let ticks: [Double]
  /// The decimals that tell the ticks apart.
  let decimals: Int

  /// An axis with ticks at multiples of 1, 2 or 5 times a power of ten, about `count` steps.
  /// - Parameter whole: whether only whole numbers make sense, such as epochs.
  init(_ range: ClosedRange<Double>, about count: Int = 5, whole: Bool = false) {
    // What cannot be drawn is clamped: charts must not fail for a loss that exploded.
    let low = min(max(range.lowerBound, -1e12), 1e12)
    let high = max(min(max(range.upperBound, -1e12), 1e12), low)
    // Nor may the ticks of nearly equal values fall together.
    let span = max(high - low, max(abs(low), abs(high)) * 1e-9)
    let width = span > 0 && high > low ? span : max(abs(low) * 0.1, whole ? 1 : 1e-3)
    let rough = max(width / Double(max(count, 1)), whole ? 1 : 0)
    let power = Int(floor(log10(rough) + 1e-9))
    let unit = pow(10, Double(power))
    let factor = [1.0, 2, 5, 10].first { $0 * unit >= rough * (1 - 1e-9) } ?? 10
    let step = factor * unit
    let first = Int((low / step + 1e-9).rounded(.down))
    let last = max(Int((high / step - 1e-9).rounded(.up)), first + 1)
    decimals = max(0, factor == 10 ? -power - 1 : -power)
    // Negative powers of ten are not exact; dividing by their inverse is.
    let inverse = power < 0 ? pow(10, Double(-power)) : 1
    ticks = (first...last).map {
      power < 0 ? Double($0) * factor / inverse : Double($0) * step
    }
  }

  /// The first tick.
  var low: Double { ticks[0] }
  /// The last tick.
  var high: Double { ticks[ticks.count - 1] }

  /// Where a value lies: 0 at the first tick, 1 at the last.
  func fraction(_ value: Double) -> Double {
    min(max((value - low) / (high - low), 0), 1)
  }

  /// A tick as text, in percent if `percent`.
  func label(_ tick: Double, percent: Bool = false) -> String {
    percent ? Numeral.percent(tick, max(decimals - 2, 0)) : Numeral.fixed(tick, decimals)
  }
}
