/// Quantities over epochs, as lines with a band for the range of the seeds.
struct LineChart {
  struct Series {
    var name: String
    var values: [CurveGroup.EpochStatistics]
  }

  var name: String
  var title: String
  /// The task and the model.
  var subject: String
  var series: [Series]
  /// Whether values are fractions shown in percent.
  var percent = false
  /// The epoch whose parameters were kept, which is marked.
  var bestEpoch: Int?

  /// The chart; nil if there is nothing to draw.
  var figure: Figure? {
    let values = series.flatMap(\.values)
    guard let first = values.map(\.epoch).min(), let last = values.map(\.epoch).max(),
      let low = values.map(\.low).min(), let high = values.map(\.high).max()
    else { return nil }
    let frame = PlotFrame(
      x: Axis(Double(first)...Double(last), about: 7, whole: true),
      y: Axis((percent ? low : min(0, low))...high), yPercent: percent)
    let legend = Legend(
      series.enumerated().map { index, line in
        .line(line.name, class: style(index)) { mark(index, $0, $1) }
      })
    return Figure(name: name, title: "\(title): \(subject)", description: description, height: 274)
    {
      SVG.title(title)
      legend.content
      frame.axes(xName: "Epoch")
      if let bestEpoch, (first...last).contains(bestEpoch) {
        let x = frame.x(Double(bestEpoch))
        let isRight = x > (frame.left + frame.right) / 2
        SVG.line(x, frame.top, x, frame.bottom, class: "guide")
        SVG.text("kept", x, frame.top - 5, isRight ? .end : .start, class: "muted small")
      }
      for (index, line) in series.enumerated() { draw(line, index, frame) }
    }
  }

  @HTMLBuilder private func draw(_ line: Series, _ index: Int, _ frame: PlotFrame) -> HTML {
    let points = line.values.map { (frame.x(Double($0.epoch)), frame.y($0.mean)) }
    if line.values.contains(where: { $0.high > $0.low }) {
      let upper = line.values.map { (frame.x(Double($0.epoch)), frame.y($0.high)) }
      let lower = line.values.map { (frame.x(Double($0.epoch)), frame.y($0.low)) }
      SVG.polygon(upper + lower.reversed(), class: "band fill-\(color(index))")
    }
    SVG.polyline(points, class: style(index))
    for (x, y) in points where points.count <= 40 { mark(index, x, y) }
  }

  private func color(_ index: Int) -> Int { index % colorCount + 1 }

  private func style(_ index: Int) -> String {
    "line stroke-\(color(index))" + (index % 2 == 1 ? " dashed" : "")
  }

  private func mark(_ index: Int, _ x: Double, _ y: Double) -> HTML {
    index % 2 == 0
      ? SVG.circle(x, y, 2.8, class: "fill-\(color(index))")
      : SVG.diamond(x, y, 4, class: "fill-\(color(index))")
  }

  private var description: String {
    series.compactMap { line in
      guard let first = line.values.first, let last = line.values.last else { return nil }
      func format(_ value: Double) -> String {
        percent ? "\(NumberFormat.percent(value)) %" : NumberFormat.fixed(value, 3)
      }
      return "\(line.name) changes from \(format(first.mean)) at epoch \(first.epoch) to "
        + "\(format(last.mean)) at epoch \(last.epoch)."
    }.joined(separator: " ")
  }
}
