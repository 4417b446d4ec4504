import Shards

/// The measures of several models on one axis, with intervals and single seeds, and those of the
/// paper if it has them.
struct DotPlot {
  var name: String
  var subject: String
  var split: Split
  /// A result for each model, in the order of the table.
  var results: [EvaluationResult]

  private static let rowHeight = 46.0

  /// The chart; nil if there is nothing to draw.
  var figure: Figure? {
    let rows = results.compactMap { result in
      result.score.map { (result: result, score: $0) }
    }
    let values = rows.flatMap { result, score in
      [result.paperAccuracy, score.interval?.low, score.interval?.high].compactMap { $0 }
        + score.values
    }
    let measure = (results.first?.task.measure ?? .accuracy).rawValue
    guard let low = values.min(), let high = values.max() else { return nil }
    let frame = PlotFrame(
      left: 14, top: 52, width: Figure.width - 28, height: Self.rowHeight * Double(rows.count),
      x: Axis(max(low, 0)...min(high, 1), about: 6), y: Axis(0...1), xPercent: true)
    return Figure(
      name: name, title: "\(split.title) \(measure): \(subject)",
      description: rows.map { description($0, $1) }.joined(separator: " "),
      height: frame.bottom + 44
    ) {
      SVG.title("\(SVG.fitted(subject, 170)): \(split.rawValue) \(measure), %")
      legend.content
      for tick in frame.x.ticks {
        SVG.line(frame.x(tick), frame.top, frame.x(tick), frame.bottom, class: "grid")
        SVG.text(
          frame.x.label(tick, percent: true), frame.x(tick), frame.bottom + 17, .middle,
          class: "muted")
      }
      SVG.line(frame.left, frame.bottom, frame.right, frame.bottom, class: "axis")
      for (index, row) in rows.enumerated() {
        draw(row.result, row.score, frame, frame.top + Self.rowHeight * Double(index))
      }
    }
  }

  @HTMLBuilder private func draw(
    _ result: EvaluationResult, _ score: SeedStatistics, _ frame: PlotFrame, _ top: Double
  ) -> HTML {
    let y = top + 30
    if top > frame.top { SVG.line(0, top, Figure.width, top, class: "grid") }
    SVG.text(SVG.fitted(result.variant.title, frame.width), frame.left, top + 15)
    if let interval = score.interval {
      SVG.line(frame.x(interval.low), y, frame.x(interval.high), y, class: "whisker stroke-1")
    }
    for value in score.values where score.values.count > 1 {
      SVG.circle(frame.x(value), y, 3, class: "fill-1 faint")
    }
    SVG.circle(frame.x(score.mean), y, 5, class: "fill-1")
    if let paper = result.paperAccuracy { SVG.diamond(frame.x(paper), y, 5.5, class: "hollow") }
  }

  private var legend: Legend {
    let hasPaper = results.contains { $0.paperAccuracy != nil }
    var items: [Legend.Item] = [
      .line(hasPaper ? "ours, 95 % interval" : "95 % interval", class: "whisker stroke-1") {
        SVG.circle($0, $1, 5, class: "fill-1")
      }
    ]
    if results.contains(where: { $0.seeds.count > 1 }) {
      items.append(.init(name: "one seed") { SVG.circle($0, $1, 3, class: "fill-1 faint") })
    }
    if hasPaper {
      items.append(.init(name: "paper") { SVG.diamond($0, $1, 5.5, class: "hollow") })
    }
    return Legend(items)
  }

  private func description(_ result: EvaluationResult, _ score: SeedStatistics) -> String {
    let paper = result.paperAccuracy.map { ", paper \(NumberFormat.percent($0))" } ?? ""
    return "\(result.variant.title): \(NumberFormat.percent(score.mean)) %, 95 % interval "
      + "\(NumberFormat.range(score.interval))\(paper)."
  }
}
