/// A confusion matrix, one row for each true class, shaded by the fraction of the row.
struct HeatMap {
  var name: String
  var subject: String
  var classNames: [String]
  var matrix: ConfusionMatrix

  var figure: Figure {
    let nameWidth = min(max(classNames.map { SVG.width(of: $0) }.max() ?? 0, 40), 110)
    let (left, top) = (nameWidth + 12, 68.0)
    let width = (Figure.width - left) / Double(max(classNames.count, 1))
    let height = min(max(width * 0.62, 20), 64)
    return Figure(
      name: name, title: "Confusion matrix: \(subject)", description: description,
      height: top + height * Double(max(classNames.count, 1)) + 8
    ) {
      SVG.title("Confusion matrix")
      SVG.text("predicted", left + (Figure.width - left) / 2, 38, .middle, class: "muted")
      SVG.text("true", left - 10, top - 8, .end, class: "muted")
      for (actual, name) in classNames.enumerated() {
        let (x, y) = (left + width * Double(actual), top + height * Double(actual))
        SVG.text(SVG.fitted(name, width - 4), x + width / 2, top - 8, .middle)
        SVG.text(SVG.fitted(name, nameWidth), left - 10, y + height / 2 + 4, .end)
        for predicted in classNames.indices {
          cell(actual, predicted, left + width * Double(predicted), y, width, height)
        }
      }
    }
  }

  @HTMLBuilder private func cell(
    _ actual: Int, _ predicted: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) -> HTML {
    let fraction = fraction(actual, predicted) ?? 0
    // Where the color of the text changes to stay readable; earlier on a dark page.
    let style = fraction > 0.68 ? "on" : fraction > 0.48 ? "half" : ""
    let (centerX, centerY) = (x + width / 2, y + height / 2)
    SVG.rectangle(
      x + 1, y + 1, width - 2, height - 2, class: "heat", opacity: 0.04 + 0.96 * fraction)
    if width >= 46, height >= 38 {
      SVG.text(
        NumberFormat.percent(fraction) + " %", centerX, centerY - 1, .middle,
        class: "strong \(style)")
      SVG.text(
        NumberFormat.grouped(matrix[actual: actual, predicted: predicted]), centerX, centerY + 14,
        .middle, class: "small \(style)")
    } else if width >= 26 {
      SVG.text(
        NumberFormat.percent(fraction, 0), centerX, centerY + 4, .middle, class: "small \(style)")
    }
  }

  /// The fraction of a class that is predicted as another; nil if the class has no rows.
  private func fraction(_ actual: Int, _ predicted: Int) -> Double? {
    let total = matrix.actualCount(of: actual)
    return total > 0 ? Double(matrix[actual: actual, predicted: predicted]) / Double(total) : nil
  }

  private var description: String {
    classNames.enumerated().map { actual, name in
      let fractions = classNames.enumerated().map { predicted, name in
        "\(NumberFormat.percent(fraction(actual, predicted))) % as \(name)"
      }
      return "Of \(NumberFormat.grouped(matrix.actualCount(of: actual))) rows of class \(name), "
        + "\(fractions.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}
