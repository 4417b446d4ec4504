import Foundation

/// A range of values with round ticks that cover it.
struct Axis: Equatable {
  /// At least two ticks in ascending order; the axis runs from the first to the last.
  let ticks: [Double]
  /// The number of decimals that distinguishes the ticks.
  let decimals: Int

  /// An axis with about `count` steps, at multiples of 1, 2 or 5 times a power of ten.
  /// - Parameter whole: whether only whole numbers make sense, such as epochs.
  init(_ range: ClosedRange<Double>, about count: Int = 5, whole: Bool = false) {
    let (low, high) = Self.drawable(range, whole: whole)
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

  /// Clamps the range, in case a loss exploded, and widens it if its ticks would coincide.
  private static func drawable(
    _ range: ClosedRange<Double>, whole: Bool
  ) -> (low: Double, high: Double) {
    let low = min(max(range.lowerBound, -1e12), 1e12)
    let high = max(min(max(range.upperBound, -1e12), 1e12), low)
    if high - low > max(1, abs(low), abs(high)) * 1e-9 { return (low, high) }
    if whole || abs(low) < 1e-6 { return (low, low + 1) }
    return (low - abs(low) * 0.05, low + abs(low) * 0.05)
  }

  var low: Double { ticks[0] }
  var high: Double { ticks[ticks.count - 1] }

  /// The position of a value: 0 at the first tick, 1 at the last.
  func fraction(_ value: Double) -> Double {
    min(max((value - low) / (high - low), 0), 1)
  }

  /// The text of a tick, in percent if `percent`. Large numbers are abbreviated (k, M, G, T), because
  /// there is little room.
  func label(_ tick: Double, percent: Bool = false) -> String {
    if percent { return NumberFormat.percent(tick, max(decimals - 2, 0)) }
    let largest = max(abs(low), abs(high))
    guard largest >= 10_000, tick != 0 else { return NumberFormat.fixed(tick, decimals) }
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
    let (unit, letter) = units.first { largest >= $0.0 } ?? (1, "")
    // The fewest decimals that distinguish neighbors.
    let decimals = (0...9).first { decimals in
      let step = (ticks[1] - ticks[0]) / unit * pow(10, Double(decimals))
      return abs(step - step.rounded()) < 1e-6 && step >= 0.5
    }
    return NumberFormat.fixed(tick / unit, decimals ?? 0) + letter
  }
}

/// The rectangle of a chart in which data are drawn, with its two axes.
struct PlotFrame {
  var left = 46.0
  var top = 52.0
  var width = Figure.width - 60
  var height = 180.0
  let x: Axis
  let y: Axis
  var xPercent = false
  var yPercent = false

  var bottom: Double { top + height }
  var right: Double { left + width }

  /// The horizontal position of a value.
  func x(_ value: Double) -> Double { left + width * x.fraction(value) }
  /// The vertical position of a value.
  func y(_ value: Double) -> Double { top + height * (1 - y.fraction(value)) }

  /// Grid lines, ticks and the name of the horizontal axis. The title of the chart names the vertical
  /// one.
  @HTMLBuilder func axes(xName: String) -> HTML {
    for tick in y.ticks {
      SVG.line(left, y(tick), right, y(tick), class: "grid")
      SVG.text(y.label(tick, percent: yPercent), left - 7, y(tick) + 4, .end, class: "muted")
    }
    SVG.line(left, bottom, right, bottom, class: "axis")
    for tick in x.ticks {
      SVG.line(x(tick), bottom, x(tick), bottom + 4, class: "axis")
      SVG.text(x.label(tick, percent: xPercent), x(tick), bottom + 17, .middle, class: "muted")
    }
    SVG.text(xName, left + width / 2, bottom + 35, .middle, class: "muted")
  }

  /// A bar from the horizontal axis to a value.
  func bar(_ low: Double, _ high: Double, to value: Double, class style: String) -> HTML {
    SVG.rectangle(
      x(low) + 0.5, y(value), x(high) - x(low) - 1, bottom - y(value), class: style)
  }
}
