/// The rectangle of a chart that data are drawn in, with its two axes.
struct PlotFrame {
  var left: Double = 46
  var top: Double = 52
  var width: Double = Figure.width - 60
  var height: Double = 180
  let x: Axis
  let y: Axis
  var xPercent = false
  var yPercent = false

  /// The horizontal place of a value.
  func x(_ value: Double) -> Double { left + width * x.fraction(value) }
  /// The vertical place of a value.
  func y(_ value: Double) -> Double { top + height * (1 - y.fraction(value)) }
  /// The lower edge.
  var bottom: Double { top + height }
  /// The right edge.
  var right: Double { left + width }

  /// Grid lines, ticks and the name of the horizontal axis. The chart's title says what the
  /// vertical one is.
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
}
