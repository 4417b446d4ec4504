/// Accuracy by confidence; a calibrated model is on the diagonal.
struct ReliabilityDiagram {
  var name: String
  var subject: String
  var calibration: Calibration

  var figure: Figure {
    let frame = PlotFrame(x: Axis(0...1), y: Axis(0...1), xPercent: true, yPercent: true)
    let error = NumberFormat.percent(calibration.expectedError)
    let points = calibration.bins.compactMap { bin in
      bin.confidence.flatMap { x in bin.accuracy.map { (frame.x(x), frame.y($0)) } }
    }
    return Figure(
      name: name, title: "Reliability: \(subject)", description: description, height: 274
    ) {
      SVG.title("Reliability")
      SVG.text(
        "expected calibration error \(error) points", Figure.width - 14, 14, .end, class: "muted")
      Legend([
        .line("Accuracy, %", class: "line stroke-1") { SVG.circle($0, $1, 3.6, class: "fill-1") },
        .swatch("Rows, %", class: "fill-2 faint", width: 18), .line("Ideal", class: "guide"),
      ]).content
      frame.axes(xName: "Confidence, %")
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
    let bins = calibration.bins.filter { $0.rows > 0 }.map { bin in
      "at \(NumberFormat.percent(bin.confidence, 0)) % confidence "
        + "\(NumberFormat.percent(bin.accuracy, 0)) % correct "
        + "(\(NumberFormat.grouped(bin.rows)) predictions)"
    }
    return bins.isEmpty ? "No predictions." : bins.joined(separator: "; ") + "."
  }
}
