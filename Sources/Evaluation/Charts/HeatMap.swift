/// A confusion matrix: a row a true class, shaded by the share of the row.
struct HeatMap {
  var name: String
  var subject: String
  var labels: [String]
  var matrix: ConfusionMatrix

  /// The chart.
  var figure: Figure {
    let side = labels.map { SVG.width(of: $0) }.max() ?? 0
    let left = min(max(side, 40), 110) + 12
    let (top, count) = (68.0, Double(max(labels.count, 1)))
    let cell = (Figure.width - left) / count
    let tall = min(max(cell * 0.62, 20), 64)
    let height = top + tall * count + 8
    return Figure(
      name: name, title: "Confusion matrix: \(subject)", description: description, height: height
    ) {
      SVG.text("Confusion matrix", 0, 14, class: "title")
      SVG.text("predicted", left + (Figure.width - left) / 2, 38, .middle, class: "muted")
      SVG.text("true", left - 10, top - 8, .end, class: "muted")
      for (index, label) in labels.enumerated() {
        let (x, y) = (left + cell * (Double(index) + 0.5), top + tall * (Double(index) + 0.5))
        SVG.text(SVG.fitted(label, cell - 4), x, top - 8, .middle)
        SVG.text(SVG.fitted(label, left - 12), left - 10, y + 4, .end)
      }
      for gold in labels.indices {
        for predicted in labels.indices {
          square(
            gold, predicted, left + cell * Double(predicted), top + tall * Double(gold), cell, tall)
        }
      }
    }
  }

  @HTMLBuilder private func square(
    _ gold: Int, _ predicted: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) -> HTML {
    let rows = matrix[gold: gold, predicted: predicted]
    let total = matrix.gold(gold)
    let share = total > 0 ? Double(rows) / Double(total) : 0
    // Letters turn where they can be read better, which is earlier on a dark page.
    let style = share > 0.68 ? "on" : share > 0.48 ? "half" : ""
    SVG.rectangle(
      x + 1, y + 1, width - 2, height - 2, class: "heat", opacity: 0.04 + 0.96 * share)
    if width >= 46, height >= 38 {
      SVG.text(
        NumberFormat.percent(share) + " %", x + width / 2, y + height / 2 - 1, .middle,
        class: "strong \(style)")
      SVG.text(
        NumberFormat.grouped(rows), x + width / 2, y + height / 2 + 14, .middle,
        class: "small \(style)")
    } else if width >= 26 {
      SVG.text(
        NumberFormat.percent(share, 0), x + width / 2, y + height / 2 + 4, .middle,
        class: "small \(style)")
    }
  }

  private var description: String {
    labels.enumerated().map { gold, label in
      let total = matrix.gold(gold)
      let shares = labels.enumerated().map { predicted, name in
        let rows = matrix[gold: gold, predicted: predicted]
        return
          "\(NumberFormat.percent(total > 0 ? Double(rows) / Double(total) : nil)) % as \(name)"
      }
      return
        "Of \(NumberFormat.grouped(total)) rows of class \(label), \(shares.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}
