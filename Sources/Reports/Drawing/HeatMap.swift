/// A confusion matrix: a row a true class, shaded by the share of the row.
struct HeatMap {
  var name: String
  var subject: String
  var labels: [String]
  var matrix: ConfusionMatrix

  /// The chart.
  var figure: Figure {
    let side = labels.map { Draw.width(of: $0) }.max() ?? 0
    let left = min(max(side, 40), 110) + 12
    let (top, count) = (68.0, Double(max(labels.count, 1)))
    let cell = (Figure.width - left) / count
    let tall = min(max(cell * 0.62, 20), 64)
    let height = top + tall * count + 8
    return Figure(
      name: name, title: "Confusion matrix: \(subject)", description: description, height: height
    ) {
      Draw.text("Confusion matrix", 0, 14, class: "title")
      Draw.text("predicted", left + (Figure.width - left) / 2, 38, .middle, class: "muted")
      Draw.text("true", left - 10, top - 8, .end, class: "muted")
      for (index, label) in labels.enumerated() {
        let (x, y) = (left + cell * (Double(index) + 0.5), top + tall * (Double(index) + 0.5))
        Draw.text(Draw.fitted(label, cell - 4), x, top - 8, .middle)
        Draw.text(Draw.fitted(label, left - 12), left - 10, y + 4, .end)
      }
      for gold in labels.indices {
        for predicted in labels.indices {
          square(
            gold, predicted, left + cell * Double(predicted), top + tall * Double(gold), cell, tall)
        }
      }
    }
  }

  @MarkupBuilder private func square(
    _ gold: Int, _ predicted: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) -> Markup {
    let rows = matrix[gold: gold, predicted: predicted]
    let total = matrix.gold(gold)
    let share = total > 0 ? Double(rows) / Double(total) : 0
    // Letters turn where they can be read better, which is earlier on a dark page.
    let style = share > 0.68 ? "on" : share > 0.48 ? "half" : ""
    Draw.rectangle(
      x + 1, y + 1, width - 2, height - 2, class: "heat", opacity: 0.04 + 0.96 * share)
    if width >= 46, height >= 38 {
      Draw.text(
        Numeral.percent(share) + " %", x + width / 2, y + height / 2 - 1, .middle,
        class: "strong \(style)")
      Draw.text(
        Numeral.grouped(rows), x + width / 2, y + height / 2 + 14, .middle,
        class: "small \(style)")
    } else if width >= 26 {
      Draw.text(
        Numeral.percent(share, 0), x + width / 2, y + height / 2 + 4, .middle,
        class: "small \(style)")
    }
  }

  private var description: String {
    labels.enumerated().map { gold, label in
      let total = matrix.gold(gold)
      let shares = labels.enumerated().map { predicted, name in
        let rows = matrix[gold: gold, predicted: predicted]
        return "\(Numeral.percent(total > 0 ? Double(rows) / Double(total) : nil)) % as \(name)"
      }
      return
        "Of \(Numeral.grouped(total)) rows of class \(label), \(shares.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}
