/// Shares as horizontal bars, one group of bars a row, each with its number.
struct BarChart {
  /// The bars of one row.
  struct Group {
    var name: String
    /// A fraction of 1 for each series; nil draws no bar.
    var values: [Double?]
  }

  var name: String
  var title: String
  var subject: String
  /// What the bars of a group are.
  var series: [String]
  var groups: [Group]

  /// The chart.
  var figure: Figure {
    let (bar, gap) = (15.0, 14.0)
    let labels = min(max(groups.map { SVG.width(of: $0.name) }.max() ?? 0, 40), 120)
    let (left, top) = (labels + 10, 50.0)
    let width = Figure.width - left - 44
    let group = bar * Double(series.count) + gap
    let height = top + group * Double(groups.count) + 6
    return Figure(
      name: name, title: "\(title): \(subject)", description: description, height: height
    ) {
      SVG.text(title, 0, 14, class: "title")
      legend.drawn(0, 36)
      for (row, item) in groups.enumerated() {
        let y = top + group * Double(row) + gap / 2
        SVG.text(
          SVG.fitted(item.name, labels), left - 10, y + (group - gap) / 2 + 4, .end)
        for (index, value) in item.values.enumerated() {
          let edge = y + bar * Double(index)
          SVG.rectangle(left, edge, width, bar - 3, class: "fill-\(index + 1)", opacity: 0.1)
          SVG.rectangle(
            left, edge, width * min(max(value ?? 0, 0), 1), bar - 3, class: "fill-\(index + 1)")
          SVG.text(NumberFormat.percent(value), Figure.width, edge + 10, .end, class: "small")
        }
      }
    }
  }

  private var legend: Legend {
    Legend(
      items: series.enumerated().map { index, name in
        Legend.Item(name: name) { x, y in
          SVG.rectangle(x - 11, y - 5, 22, 10, class: "fill-\(index + 1)")
        }
      })
  }

  private var description: String {
    groups.map { group in
      let values = zip(series, group.values).map { "\($0) \(NumberFormat.percent($1)) %" }
      return "\(group.name): \(values.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}
