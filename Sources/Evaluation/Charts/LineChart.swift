/// Quantities over epochs, as lines with a band from the lowest to the highest seed.
struct LineChart {
  /// One line.
  struct Series {
    var name: String
    var levels: [CurveGroup.Level]
  }

  var name: String
  var title: String
  /// What the title leaves open, such as the model.
  var subject: String
  var series: [Series]
  /// Whether values are fractions shown in percent.
  var percent = false
  /// An epoch to mark as the one that was kept.
  var kept: Int?

  /// The chart; nil if there is nothing to draw.
  var figure: Figure? {
    let levels = series.flatMap(\.levels)
    guard let first = levels.map(\.epoch).min(), let last = levels.map(\.epoch).max(),
      let low = levels.map(\.low).min(), let high = levels.map(\.high).max()
    else { return nil }
    let bottom = percent ? low : min(0, low)
    let frame = PlotFrame(
      x: Axis(Double(first)...Double(max(last, first)), about: 7, whole: true),
      y: Axis(bottom...high, about: 5), yPercent: percent)
    return Figure(name: name, title: "\(title): \(subject)", description: description, height: 274)
    {
      SVG.text(title, 0, 14, class: "title")
      legend.drawn(0, 36)
      frame.axes(xName: "Epoch")
      if let kept, kept >= first, kept <= last { mark(kept: frame.x(Double(kept)), frame) }
      for (index, line) in series.enumerated() { draw(line, index, frame) }
    }
  }

  /// A line at the epoch that was kept. Its name stands above the frame, where no curve runs.
  @HTMLBuilder private func mark(kept x: Double, _ frame: PlotFrame) -> HTML {
    let late = x > (frame.left + frame.right) / 2
    SVG.line(x, frame.top, x, frame.bottom, class: "guide")
    SVG.text("kept", x, frame.top - 5, late ? .end : .start, class: "muted small")
  }

  @HTMLBuilder private func draw(_ line: Series, _ index: Int, _ frame: PlotFrame) -> HTML {
    let points = line.levels.map { (frame.x(Double($0.epoch)), frame.y($0.mean)) }
    if line.levels.contains(where: { $0.high > $0.low }) {
      let upper = line.levels.map { (frame.x(Double($0.epoch)), frame.y($0.high)) }
      let lower = line.levels.map { (frame.x(Double($0.epoch)), frame.y($0.low)) }
      SVG.polygon(upper + lower.reversed(), class: "band fill-\(colour(index))")
    }
    SVG.polyline(points, class: style(index))
    for (x, y) in points where points.count <= 40 { mark(index, x, y) }
  }

  private var legend: Legend {
    Legend(
      items: series.enumerated().map { index, line in
        Legend.Item(name: line.name) { x, y in
          .joined([SVG.line(x - 11, y, x + 11, y, class: style(index)), mark(index, x, y)])
        }
      })
  }

  private func colour(_ index: Int) -> Int { index % ChartStyle.colours + 1 }

  private func style(_ index: Int) -> String {
    "line stroke-\(colour(index))" + (index % 2 == 1 ? " dashed" : "")
  }

  private func mark(_ index: Int, _ x: Double, _ y: Double) -> HTML {
    index % 2 == 0
      ? SVG.circle(x, y, 2.8, class: "fill-\(colour(index))")
      : SVG.diamond(x, y, 4, class: "fill-\(colour(index))")
  }

  private var description: String {
    let phrases = series.compactMap { line -> String? in
      guard let first = line.levels.first, let last = line.levels.last else { return nil }
      let show = { (value: Double) in
        percent ? "\(NumberFormat.percent(value)) %" : NumberFormat.fixed(value, 3)
      }
      return "\(line.name) goes from \(show(first.mean)) at epoch \(first.epoch) to "
        + "\(show(last.mean)) at epoch \(last.epoch)."
    }
    return phrases.joined(separator: " ")
  }
}
