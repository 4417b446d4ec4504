/// A confusion matrix, one row for each true class, shaded by the fraction of the row.
///
/// Up to seven classes share the width of a chart; the cells of more classes are of one size, so that
/// their numbers stay legible, and the chart is wider.
struct HeatMap {
  var name: String
  var subject: String
  var classNames: [String]
  var matrix: ConfusionMatrix

  private static let sharedWidth = 7

  var figure: Figure {
    let count = Double(max(classNames.count, 1))
    let isWide = classNames.count > Self.sharedWidth
    let longest = max(classNames.map { SVG.width(of: $0) }.max() ?? 0, 40)
    let nameWidth = min(longest, isWide ? 170 : 110)
    let left = nameWidth + 12
    let cellWidth = isWide ? 38 : (Figure.width - left) / count
    let isVertical = longest > cellWidth - 4 && cellWidth < 90
    let top = (isVertical ? min(longest, isWide ? 120 : 90) : 14) + 54
    let cellHeight = min(max(cellWidth * 0.62, 32), 64)
    return Figure(
      name: name, title: "Confusion matrix: \(subject)", description: description,
      width: isWide ? left + cellWidth * count + 2 : Figure.width,
      height: top + cellHeight * count + 8
    ) {
      SVG.title("Confusion matrix")
      SVG.text("predicted", left, 38, class: "muted")
      SVG.text("true", left - 10, top - 8, .end, class: "muted")
      for (actual, name) in classNames.enumerated() {
        let (x, y) = (left + cellWidth * Double(actual), top + cellHeight * Double(actual))
        if isVertical {
          SVG.text(SVG.fitted(name, top - 54), x + cellWidth / 2 + 4, top - 6, isVertical: true)
        } else {
          SVG.text(SVG.fitted(name, cellWidth - 4), x + cellWidth / 2, top - 8, .middle)
        }
        SVG.text(SVG.fitted(name, nameWidth), left - 10, y + cellHeight / 2 + 4, .end)
        for predicted in classNames.indices {
          cell(
            actual, predicted, left + cellWidth * Double(predicted), y, cellWidth, cellHeight)
        }
      }
    }
  }

  @HTMLBuilder private func cell(
    _ actual: Int, _ predicted: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) -> HTML {
    let fraction = fraction(actual, predicted) ?? 0
    let rows = matrix[actual: actual, predicted: predicted]
    // Where the color of the text changes to stay readable; earlier on a dark page.
    let style = fraction > 0.68 ? "on" : fraction > 0.48 ? "half" : ""
    let (centerX, centerY) = (x + width / 2, y + height / 2)
    SVG.rectangle(
      x + 1, y + 1, width - 2, height - 2, class: "heat", opacity: 0.04 + 0.96 * fraction)
    // Empty cells stay empty, so that confusions stand out.
    if rows > 0 {
      SVG.text(
        NumberFormat.percent(fraction, width >= 58 ? 1 : 0) + " %", centerX, centerY - 1, .middle,
        class: width >= 58 ? "strong \(style)" : "small \(style)")
      SVG.text(
        rows < 10_000 ? NumberFormat.grouped(rows) : "\(rows / 1000)k", centerX, centerY + 13,
        .middle, class: "small \(style)")
    }
  }

  /// The fraction of a class that is predicted as another; nil if the class has no rows.
  private func fraction(_ actual: Int, _ predicted: Int) -> Double? {
    let total = matrix.actualCount(of: actual)
    return total > 0 ? Double(matrix[actual: actual, predicted: predicted]) / Double(total) : nil
  }

  private var description: String {
    classNames.enumerated().map { actual, name in
      let fractions = classNames.enumerated().filter {
        $0.offset == actual || matrix[actual: actual, predicted: $0.offset] > 0
      }.map { predicted, name in
        "\(NumberFormat.percent(fraction(actual, predicted))) % as \(name)"
      }
      return "Of \(NumberFormat.grouped(matrix.actualCount(of: actual))) rows of class \(name), "
        + "\(fractions.joined(separator: ", "))."
    }.joined(separator: " ")
  }
}
