/// Accuracy against confidence: on the diagonal a model is as often right as it says.
struct ReliabilityDiagram {
  var name: String
  var subject: String
  var calibration: Calibration

  /// The chart.
  var figure: Figure {
    let frame = PlotFrame(
      x: Axis(0...1, about: 5), y: Axis(0...1, about: 5), xPercent: true, yPercent: true)
    let error = NumberFormat.percent(calibration.expectedError)
    return Figure(
      name: name, title: "Reliability: \(subject)", description: description, height: 274
    ) {
      SVG.text("Reliability", 0, 14, class: "title")
      SVG.text(
        "expected calibration error \(error) points", Figure.width - 14, 14, .end, class: "muted")
      legend.drawn(0, 36)
      frame.axes(xName: "Confidence, %")
      for bin in calibration.bins { bar(bin, frame) }
      SVG.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), class: "guide")
      SVG.polyline(points(frame), class: "line stroke-1")
      for (x, y) in points(frame) { SVG.circle(x, y, 3.6, class: "fill-1") }
    }
  }

  private func points(_ frame: PlotFrame) -> [(Double, Double)] {
    calibration.bins.compactMap { bin in
      guard let confidence = bin.confidence, let accuracy = bin.accuracy else { return nil }
      return (frame.x(confidence), frame.y(accuracy))
    }
  }

  /// The share of predictions in a bin, as a faint bar from below.
  private func bar(_ bin: Calibration.Bin, _ frame: PlotFrame) -> HTML {
    let top = frame.y(Double(bin.rows) / Double(max(calibration.total, 1)))
    return SVG.rectangle(
      frame.x(bin.low) + 1, top, frame.x(bin.high) - frame.x(bin.low) - 2, frame.bottom - top,
      class: "fill-2 faint")
  }

  private var legend: Legend {
    Legend(items: [
      Legend.Item(name: "Accuracy, %") { x, y in
        .joined([
          SVG.line(x - 11, y, x + 11, y, class: "line stroke-1"),
          SVG.circle(x, y, 3.6, class: "fill-1"),
        ])
      },
      Legend.Item(name: "Share of rows, %") { x, y in
        SVG.rectangle(x - 9, y - 5, 18, 10, class: "fill-2 faint")
      },
      Legend.Item(name: "Ideal") { x, y in SVG.line(x - 11, y, x + 11, y, class: "guide") },
    ])
  }

  private var description: String {
    let bins = calibration.bins.compactMap { bin -> String? in
      guard let confidence = bin.confidence, let accuracy = bin.accuracy else { return nil }
      return
        "at \(NumberFormat.percent(confidence, 0)) % confidence \(NumberFormat.percent(accuracy, 0)) % "
        + "right (\(NumberFormat.grouped(bin.rows)) predictions)"
    }
    return bins.isEmpty ? "No predictions." : bins.joined(separator: "; ") + "."
  }
}
