import Shards

/// How many rows have how many tokens.
struct Histogram {
  var name: String
  var subject: String
  /// The split that was counted.
  var split: Split
  var bins: [DataSummary.LengthBin]

  /// The chart; nil if there is nothing to draw.
  var figure: Figure? {
    guard let last = bins.last, let most = bins.map(\.rows).max(), most > 0 else { return nil }
    let frame = PlotFrame(
      top: 34, x: Axis(0...Double(max(last.to, 1)), about: 6, whole: true),
      y: Axis(0...Double(most), about: 4, whole: true))
    return Figure(
      name: name, title: "Rows by length: \(subject), \(split.rawValue)", description: description,
      height: 256
    ) {
      SVG.text("Rows by length, \(split.rawValue)", 0, 14, class: "title")
      frame.axes(xName: "Tokens")
      for bin in bins where bin.rows > 0 {
        let (left, top) = (frame.x(Double(bin.from)), frame.y(Double(bin.rows)))
        SVG.rectangle(
          left + 0.5, top, frame.x(Double(bin.to)) - left - 1, frame.bottom - top, class: "fill-1")
      }
    }
  }

  private var description: String {
    let most = bins.max { $0.rows < $1.rows }
    let total = bins.reduce(0) { $0 + $1.rows }
    guard let most, let last = bins.last(where: { $0.rows > 0 }) else { return "No rows." }
    return
      "\(NumberFormat.grouped(total)) rows; most of them, \(NumberFormat.grouped(most.rows)), have "
      + "\(most.from) to \(most.to - 1) tokens; the longest have at most \(last.to - 1)."
  }
}
