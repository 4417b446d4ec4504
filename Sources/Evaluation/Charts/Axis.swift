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
    let (low, high) = Self.spread(range, whole: whole)
    let rough = max((high - low) / Double(max(count, 1)), whole ? 1 : 0)
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

  /// The range as far as it can be drawn: a loss that exploded is clamped, a single value (or values
  /// so near that their ticks would fall together) gets room around it.
  private static func spread(
    _ range: ClosedRange<Double>, whole: Bool
  ) -> (low: Double, high: Double) {
    let low = min(max(range.lowerBound, -1e12), 1e12)
    let high = max(min(max(range.upperBound, -1e12), 1e12), low)
    if high - low > max(1, abs(low), abs(high)) * 1e-9 { return (low, high) }
    if whole || abs(low) < 1e-6 { return (low, low + 1) }
    return (low - abs(low) * 0.05, low + abs(low) * 0.05)
  }

  /// The first tick.
  var low: Double { ticks[0] }
  /// The last tick.
  var high: Double { ticks[ticks.count - 1] }

  /// Where a value lies: 0 at the first tick, 1 at the last.
  func fraction(_ value: Double) -> Double {
    min(max((value - low) / (high - low), 0), 1)
  }

  /// A tick as text, in percent if `percent`; large numbers in thousands (k), millions (M) and so
  /// on, because ticks have little room.
  func label(_ tick: Double, percent: Bool = false) -> String {
    if percent { return NumberFormat.percent(tick, max(decimals - 2, 0)) }
    let largest = max(abs(low), abs(high))
    guard largest >= 10_000, tick != 0 else { return NumberFormat.fixed(tick, decimals) }
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
    let (unit, letter) = units.first { largest >= $0.0 } ?? (1, "")
    // As many decimals as tell neighbours apart.
    let places = (0...9).first { places in
      let step = (ticks[1] - ticks[0]) / unit * pow(10, Double(places))
      return abs(step - step.rounded()) < 1e-6 && step >= 0.5
    }
    return NumberFormat.fixed(tick / unit, places ?? 0) + letter
  }
}
