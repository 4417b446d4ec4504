import DLNC

/// The accuracy of the answers by the fraction of the rows that are answered, the most confident first.
struct CoverageChart {
  var name: String
  var subject: String
  var curve: CoverageCurve

  /// The chart; nil for too few rows.
  var figure: Figure? {
    let steps = curve.steps
    guard let lowest = steps.map(\.accuracy).min() else { return nil }
    let frame = PlotFrame(x: Axis(0...1), y: Axis(lowest...1), xPercent: true, yPercent: true)
    let points = steps.map { (frame.x(curve.fraction($0)), frame.y($0.accuracy)) }
    return Figure(
      name: name, title: "Accuracy by coverage: \(subject)", description: description, height: 274
    ) {
      SVG.title("Accuracy of the answers, %")
      frame.axes(xName: "Answered rows, %")
      SVG.polyline(points, class: "line stroke-1")
      for (x, y) in points { SVG.circle(x, y, 2.8, class: "fill-1") }
    }
  }

  private var description: String {
    let levels = CoverageCurve.accuracies.compactMap { accuracy in
      curve.point(accuracy: accuracy).map { point in
        "\(NumberFormat.percent(accuracy, 0)) % accuracy: \(curve.percentage(point)) % answered"
      }
    }
    return levels.isEmpty ? "No listed accuracy is reached." : levels.joined(separator: "; ") + "."
  }
}
