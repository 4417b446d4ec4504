import Shards

/// The number of colors in chart.css.
let colorCount = 4

/// The composition of each bar, as one horizontal bar of full length.
struct StackedBarChart {
  struct Bar {
    var name: String
    /// The size of each part.
    var counts: [Int]
  }

  var name: String
  var title: String
  var subject: String
  /// The names of the parts of a bar.
  var parts: [String]
  var bars: [Bar]

  var figure: Figure {
    let legend = Legend(
      parts.enumerated().map { .swatch($0.element, class: style($0.offset)) })
    let top = 30 + legend.height
    return Figure(
      name: name, title: "\(title): \(subject)", description: description,
      height: top + 48 * Double(bars.count) + 4
    ) {
      SVG.title(title)
      legend.content
      for (row, bar) in bars.enumerated() { draw(bar, top + 48 * Double(row)) }
    }
  }

  @HTMLBuilder private func draw(_ bar: Bar, _ y: Double) -> HTML {
    let total = bar.counts.reduce(0, +)
    let scale = Figure.width / Double(total)
    SVG.text(bar.name, 0, y + 13)
    SVG.text("\(NumberFormat.grouped(total)) rows", Figure.width, y + 13, .end, class: "muted")
    for (index, count) in bar.counts.enumerated() where count > 0 {
      let x = Double(bar.counts[..<index].reduce(0, +)) * scale
      let width = Double(count) * scale
      SVG.rectangle(x, y + 20, max(width - 1.5, 0.5), 20, class: style(index))
      if width > 52 {
        SVG.text(
          NumberFormat.percent(Double(count) / Double(total)) + " %", x + width / 2, y + 34,
          .middle, class: "small \(textStyle(index))")
      }
    }
  }

  /// The colors in turn, fainter from the second turn.
  private func style(_ index: Int) -> String {
    "fill-\(index % colorCount + 1)" + (index >= colorCount ? " faint" : "")
  }

  /// Text that is readable on a part: blue and violet are dark on a light page.
  private func textStyle(_ index: Int) -> String {
    index >= colorCount ? "" : [0, 3].contains(index) ? "on" : "half"
  }

  private var description: String {
    bars.map { bar in
      let counts = zip(parts, bar.counts).map { "\(NumberFormat.grouped($1)) \($0)" }
      return "\(bar.name): \(counts.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}

/// The number of rows by length.
struct Histogram {
  var name: String
  var subject: String
  var split: Split
  var bins: [DatasetSummary.LengthBin]

  /// The chart; nil if there are no rows.
  var figure: Figure? {
    guard let last = bins.last(where: { $0.rows > 0 }), let end = bins.last?.to,
      let most = bins.max(by: { $0.rows < $1.rows })
    else { return nil }
    let frame = PlotFrame(
      top: 34, x: Axis(0...Double(max(end, 1)), about: 6, whole: true),
      y: Axis(0...Double(most.rows), about: 4, whole: true))
    let total = NumberFormat.grouped(bins.reduce(0) { $0 + $1.rows })
    return Figure(
      name: name, title: "Rows by length: \(subject), \(split.rawValue)",
      description: "\(total) rows; most of them, \(NumberFormat.grouped(most.rows)), have "
        + "\(most.from) to \(most.to - 1) tokens; the longest have at most \(last.to - 1).",
      height: 256
    ) {
      SVG.title("Rows by length, \(split.rawValue)")
      frame.axes(xName: "Tokens")
      for bin in bins where bin.rows > 0 {
        frame.bar(Double(bin.from), Double(bin.to), to: Double(bin.rows), class: "fill-1")
      }
    }
  }
}

/// Accuracy by confidence, or the frequency of labels by their probability; a calibrated model is on the
/// diagonal.
struct ReliabilityDiagram {
  var name: String
  var subject: String
  var calibration: Calibration

  var figure: Figure {
    let frame = PlotFrame(x: Axis(0...1), y: Axis(0...1), xPercent: true, yPercent: true)
    let error = NumberFormat.percent(calibration.expectedError)
    let points = calibration.legibleBins.compactMap { bin in
      bin.confidence.flatMap { x in bin.accuracy.map { (frame.x(x), frame.y($0)) } }
    }
    return Figure(
      name: name, title: "Reliability: \(subject)", description: description, height: 274
    ) {
      SVG.title("Reliability")
      SVG.text(
        "expected calibration error \(error) points", Figure.width - 14, 14, .end, class: "muted")
      Legend([
        .line("\(calibration.accuracyName), %", class: "line stroke-1") {
          SVG.circle($0, $1, 3.6, class: "fill-1")
        },
        .swatch(calibration.isOfLabels ? "Labels, %" : "Rows, %", class: "fill-2 faint", width: 18),
        .line("Ideal", class: "guide"),
      ]).content
      frame.axes(xName: "\(calibration.confidenceName), %")
      for bin in calibration.bins {
        let fraction = Double(bin.rows) / Double(max(calibration.total, 1))
        frame.bar(bin.low, bin.high, to: fraction, class: "fill-2 faint")
      }
      SVG.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), class: "guide")
      SVG.polyline(points, class: "line stroke-1")
      for (x, y) in points { SVG.circle(x, y, 3.6, class: "fill-1") }
    }
  }

  private var description: String {
    let bins = calibration.legibleBins.map { bin in
      "at \(NumberFormat.percent(bin.confidence, 0)) % \(calibration.confidenceName.lowercased()) "
        + "\(NumberFormat.percent(bin.accuracy, 0)) % "
        + (calibration.isOfLabels ? "with the label " : "correct ")
        + "(\(NumberFormat.grouped(bin.rows)) predictions)"
    }
    return bins.isEmpty ? "Too few predictions." : bins.joined(separator: "; ") + "."
  }
}
