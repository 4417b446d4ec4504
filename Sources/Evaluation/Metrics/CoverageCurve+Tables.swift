import DLNC
import Support

extension CoverageCurve {
  /// The accuracies whose coverage is listed.
  static let accuracies = [0.8, 0.9, 0.95, 0.99]

  /// The fraction of the rows that are answered.
  func fraction(_ point: Point) -> Double { Double(point.answered) / Double(max(rows, 1)) }

  /// The same in percent. A part of the rows is never 100 %, and some of them never 0 %.
  func percentage(_ point: Point) -> String {
    let digits = point.answered == rows ? 0 : 1
    return NumberFormat.percent(fraction(point), digits)
  }

  /// For each 5 % of the rows the first point that answers as many; the very first answers few.
  var steps: [Point] {
    var result: [Point] = []
    for point in points.reversed() where point.answered >= Self.fewestAnswers {
      let part = result.last.map { $0.answered * 20 / rows } ?? -1
      if point.answered * 20 / rows > part { result.append(point) }
    }
    return result
  }

  /// The sentence about 95 % accuracy; nil for too few rows.
  var summary: String? {
    guard rows >= Self.fewestAnswers else { return nil }
    return point(accuracy: 0.95).map {
      "at 95 % accuracy it answers \(percentage($0)) % of the rows"
    } ?? "it reaches 95 % accuracy on no part of the rows"
  }

  /// How many rows are answered with each of ``accuracies``.
  var table: Table {
    Table(
      Self.accuracies,
      [
        .number("Accuracy, %") { Table.Cell("≥ \(NumberFormat.percent($0, 0))") },
        .number("Answered, %") { accuracy in
          Table.Cell(point(accuracy: accuracy).map(percentage) ?? NumberFormat.none, isStrong: true)
        },
        .number("From confidence, %") { accuracy in
          Table.Cell(NumberFormat.percent(point(accuracy: accuracy)?.confidence))
        },
      ])
  }
}
