/// What parts make up a whole, as one full-length bar a row.
struct StackedBarChart {
  /// One bar.
  struct Whole {
    var name: String
    /// How much each part holds.
    var counts: [Int]
  }

  var name: String
  var title: String
  var subject: String
  var parts: [String]
  var wholes: [Whole]

  /// The chart.
  var figure: Figure {
    let top = 30 + legend.height
    return Figure(
      name: name, title: "\(title): \(subject)", description: description,
      height: top + 48 * Double(wholes.count) + 4
    ) {
      SVG.text(title, 0, 14, class: "title")
      legend.drawn(0, 36)
      for (row, whole) in wholes.enumerated() { bar(whole, top + 48 * Double(row)) }
    }
  }

  @HTMLBuilder private func bar(_ whole: Whole, _ y: Double) -> HTML {
    let total = whole.counts.reduce(0, +)
    SVG.text(whole.name, 0, y + 13)
    SVG.text("\(NumberFormat.grouped(total)) rows", Figure.width, y + 13, .end, class: "muted")
    for (index, count) in whole.counts.enumerated() where count > 0 {
      let before = Double(whole.counts[..<index].reduce(0, +)) / Double(total) * Figure.width
      let width = Double(count) / Double(total) * Figure.width
      SVG.rectangle(before, y + 20, max(width - 1.5, 0.5), 20, class: style(index))
      if width > 52 {
        SVG.text(
          NumberFormat.percent(Double(count) / Double(total)) + " %", before + width / 2, y + 34,
          .middle, class: "small \(letters(index))")
      }
    }
  }

  private var legend: Legend {
    Legend(
      items: parts.enumerated().map { index, name in
        Legend.Item(name: name) { x, y in
          SVG.rectangle(x - 11, y - 5, 22, 10, class: style(index))
        }
      })
  }

  /// The colours in turn; after the last they come again fainter.
  private func style(_ index: Int) -> String {
    "fill-\(index % ChartStyle.colours + 1)" + (index >= ChartStyle.colours ? " faint" : "")
  }

  /// Letters that can be read on a part's colour: blue and violet are dark on a light page.
  private func letters(_ index: Int) -> String {
    if index >= ChartStyle.colours { return "" }
    return [0, 3].contains(index) ? "on" : "half"
  }

  private var description: String {
    wholes.map { whole in
      let counts = zip(parts, whole.counts).map { "\(NumberFormat.grouped($1)) \($0)" }
      return "\(whole.name): \(counts.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}
