import Shards

/// Accuracies of several models on one scale: ours with interval and single seeds, the paper's
/// beside them.
struct DotPlot {
  var name: String
  var subject: String
  /// The rows that were predicted.
  var split = Split.test
  /// One outcome a model, in the order of the table.
  var outcomes: [EvaluationResult]

  /// The height of a model's row.
  private static let pitch = 46.0

  /// The chart; nil if there is nothing to draw.
  var figure: Figure? {
    let rows = outcomes.filter { $0.accuracy != nil }
    let values = rows.flatMap { row in
      [row.paper, row.accuracy?.interval?.low, row.accuracy?.interval?.high].compactMap { $0 }
        + (row.accuracy?.values ?? [])
    }
    guard let low = values.min(), let high = values.max() else { return nil }
    let frame = PlotFrame(
      left: 14, top: 52, width: Figure.width - 28, height: Self.pitch * Double(rows.count),
      x: Axis(max(low, 0)...min(high, 1), about: 6), y: Axis(0...1), xPercent: true)
    return Figure(
      name: name, title: "\(split.rawValue.capitalized) accuracy: \(subject)",
      description: description(rows),
      height: frame.bottom + 44
    ) {
      SVG.text(
        "\(SVG.fitted(subject, 170)): \(split.rawValue) accuracy, %", 0, 14, class: "title")
      legend.drawn(0, 36)
      for tick in frame.x.ticks {
        SVG.line(frame.x(tick), frame.top, frame.x(tick), frame.bottom, class: "grid")
        SVG.text(
          frame.x.label(tick, percent: true), frame.x(tick), frame.bottom + 17, .middle,
          class: "muted")
      }
      SVG.line(frame.left, frame.bottom, frame.right, frame.bottom, class: "axis")
      for (index, row) in rows.enumerated() {
        draw(row, frame, frame.top + Self.pitch * Double(index))
      }
    }
  }

  @HTMLBuilder private func draw(_ row: EvaluationResult, _ frame: PlotFrame, _ top: Double) -> HTML
  {
    let y = top + 30
    if top > frame.top { SVG.line(0, top, Figure.width, top, class: "grid") }
    SVG.text(SVG.fitted(row.model.title, frame.width), frame.left, top + 15)
    if let interval = row.accuracy?.interval {
      SVG.line(
        frame.x(interval.low), y, frame.x(interval.high), y, class: "whisker stroke-1")
    }
    for value in row.accuracy?.values ?? [] where (row.accuracy?.values.count ?? 0) > 1 {
      SVG.circle(frame.x(value), y, 3, class: "fill-1 faint")
    }
    if let mean = row.accuracy?.mean { SVG.circle(frame.x(mean), y, 5, class: "fill-1") }
    if let paper = row.paper { SVG.diamond(frame.x(paper), y, 5.5, class: "hollow") }
  }

  private var legend: Legend {
    let ours = Legend.Item(name: "ours, 95 % interval") { x, y in
      .joined([
        SVG.line(x - 11, y, x + 11, y, class: "whisker stroke-1"),
        SVG.circle(x, y, 5, class: "fill-1"),
      ])
    }
    let seed = Legend.Item(name: "one seed") { x, y in
      SVG.circle(x, y, 3, class: "fill-1 faint")
    }
    let paper = Legend.Item(name: "paper") { x, y in SVG.diamond(x, y, 5.5, class: "hollow") }
    let several = outcomes.contains { $0.seeds.count > 1 }
    let printed = outcomes.contains { $0.paper != nil }
    return Legend(items: [ours] + (several ? [seed] : []) + (printed ? [paper] : []))
  }

  private func description(_ rows: [EvaluationResult]) -> String {
    rows.map { row in
      let paper = row.paper.map { ", paper \(NumberFormat.percent($0))" } ?? ""
      return "\(row.model.title): \(NumberFormat.percent(row.accuracy?.mean)) %, 95 % interval "
        + "\(NumberFormat.range(row.accuracy?.interval))\(paper)."
    }.joined(separator: " ")
  }
}
