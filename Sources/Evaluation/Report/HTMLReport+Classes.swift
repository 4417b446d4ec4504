/// Classes, confusions, reliability, and what went wrong.
extension HTMLReport {
  var classes: Section? {
    let tests = report.judgedOutcomes.filter { $0.confusion.total > 0 }
    guard !tests.isEmpty else { return nil }
    return Section(
      anchor: "classes", title: "Classes, confusions, reliability",
      content: .joined([
        tag("p") {
          "On the \(report.judged.rawValue) rows. Class scores are means over seeds; confusions and reliability are of all "
            + "seeds’ predictions together. A cell of a confusion matrix shows the share of the true "
            + "class and the number of predictions."
        },
        .joined(
          unique(tests.map(\.column)).map { column in
            tag("div", ["class": "result"]) {
              tag("h3") { column.title }
              for (index, outcome) in tests.filter({ $0.column == column }).enumerated() {
                details(outcome, open: index == 0)
              }
            }
          }),
      ]))
  }

  private func details(_ outcome: EvaluationResult, open: Bool) -> HTML {
    tag("details", ["open": open ? "" : nil]) {
      tag("summary") {
        tag("strong") { outcome.model.title }
        tag("span", ["class": "detail"]) {
          " accuracy \(NumberFormat.percent(outcome.accuracy?.mean)) %, macro-F1 "
            + "\(NumberFormat.percent(outcome.macroF1?.mean))"
        }
      }
      Self.grid(gallery.classes(outcome))
    }
  }

  var mistakes: Section? {
    let quoted = report.mistakes.filter { $0.text != nil }
    guard !quoted.isEmpty else { return nil }
    return Section(
      anchor: "mistakes", title: "Most confident mistakes",
      content: .joined([
        tag("p") {
          "Rows of the \(report.judged.rawValue) split that the model got wrong while it was sure. They are "
            + "quoted from data sets whose terms may forbid passing them on, so think before you publish this page."
        },
        .joined(
          unique(quoted.map(\.column)).map { column in
            tag("div", ["class": "result"]) {
              tag("h3") { Self.heading(quoted.first { $0.column == column }, column) }
              tag("div", ["class": "quotes"]) {
                for mistake in quoted where mistake.column == column { Self.quote(mistake) }
              }
            }
          }),
      ]))
  }

  private static func heading(_ mistake: Misclassification?, _ column: EvaluationTask) -> String {
    mistake.map { "\(column.title): \($0.model.title), seed \($0.seed)" } ?? column.title
  }

  private static func quote(_ mistake: Misclassification) -> HTML {
    tag("figure", ["class": "quote"]) {
      tag("blockquote", ["dir": "auto"]) { shortened(mistake.text ?? "", to: 420) }
      tag("figcaption") {
        "predicted "
        tag("b", ["class": "wrong"]) { mistake.predicted }
        " at \(NumberFormat.percent(mistake.confidence)) %, true "
        tag("b", ["class": "right"]) { mistake.gold }
        tag("span", ["class": "detail"]) { " row \(mistake.row)" }
      }
    }
  }

  /// The beginning of a text, cut after a word if it is long.
  private static func shortened(_ text: String, to limit: Int) -> String {
    guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
      end < text.endIndex
    else { return text }
    let start = text[..<end]
    return (start.lastIndex(of: " ").map { start[..<$0] } ?? start) + " …"
  }
}
