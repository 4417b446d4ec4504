import DLNC
import Foundation
import Support

extension Report {
  /// The most confident errors of the first seed, with their texts and IDs.
  @BlockBuilder func mistakeBlocks(_ task: EvaluationTask) -> [Block] {
    let quoted = misclassifications.filter { $0.task == task && $0.text != nil }
    if let first = quoted.first {
      Block.heading("Most confident errors")
      Block.explanation(
        "Rows of the \(evaluationSplit(of: task).adjective) split that \(first.variant.title)"
          + (result(first.variant, task)?.seeds.count ?? 1 > 1 ? ", seed \(first.seed)," : "")
          + " misclassified with high confidence, with their IDs or, without an ID column, their "
          + "locations. Texts of published data sets may not be redistributed; check their terms before "
          + "you publish this report."
          + (task.isMultiLabel
            ? " The percentage is the distance of the probability of the worst label from the truth."
            : "")
          + Self.explanation(quoted, task))
      Block.page(tag("div", ["class": "quotes"]) { for row in quoted { Self.quote(row) } })
      Block.onlyInMarkdown(
        .table(Self.mistakeTable(quoted), caption: "Texts are cut at 300 characters."))
    }
  }

  /// The meaning of the marked words; empty without any.
  private static func explanation(_ rows: [Misclassification], _ task: EvaluationTask) -> String {
    guard rows.contains(where: { !$0.because.isEmpty }) else { return "" }
    return " The words that moved a prediction most have their contributions to the logit of the "
      + (task.isMultiLabel ? "most probable label" : "predicted class")
      + "; in the page, those with a line speak for it and those with dots against it."
  }

  private static func quote(_ row: Misclassification) -> HTML {
    tag("figure", ["class": "quote"]) {
      tag("blockquote", ["dir": "auto"]) {
        let text = shortened((row.text ?? "").replacing("\r\n", with: "\n"), to: 420)
        for part in marked(text, row.because) {
          if let by = part.by {
            tag("mark", ["class": by < 0 ? "against" : nil]) { part.text }
          } else {
            part.text
          }
        }
      }
      tag("figcaption") {
        "predicted "
        tag("b", ["class": "wrong"]) { row.predictedText }
        " at \(NumberFormat.percent(row.confidence)) %, true "
        tag("b", ["class": "right"]) { row.actualText }
        " "
        tag("code") { row.id ?? "row \(row.row)" }
        if !row.because.isEmpty { tag("div") { list(row.because) } }
      }
    }
  }

  /// Words with their contributions, such as `cold +0.31 · rude -0.20`.
  private static func list(_ words: [WordContribution]) -> String {
    words.map { "\($0.word) \($0.by > 0 ? "+" : "")\(NumberFormat.fixed($0.by, 2))" }
      .joined(separator: " · ")
  }

  /// The parts of a text, those that are words with their contributions. A word is found in upper and
  /// lower case where it is not part of another; a tokenizer may have written it differently.
  static func marked(
    _ text: String, _ words: [WordContribution]
  ) -> [(text: String, by: Double?)] {
    var marks: [(range: Range<String.Index>, by: Double)] = []
    for word in words {
      var start = text.startIndex
      while let range = text.range(
        of: word.word, options: [.caseInsensitive, .literal], range: start..<text.endIndex)
      {
        start = range.upperBound
        let isJoined =
          continuesWord(text, range.lowerBound) || continuesWord(text, range.upperBound)
        if !isJoined, !marks.contains(where: { $0.range.overlaps(range) }) {
          marks.append((range, word.by))
        }
      }
    }
    var (parts, end): ([(text: String, by: Double?)], String.Index) = ([], text.startIndex)
    for (range, by) in marks.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      parts += [(String(text[end..<range.lowerBound]), nil), (String(text[range]), by)]
      end = range.upperBound
    }
    return (parts + [(String(text[end...]), nil)]).filter { !$0.text.isEmpty }
  }

  /// Whether there are letters or digits on both sides of a place.
  private static func continuesWord(_ text: String, _ index: String.Index) -> Bool {
    guard index > text.startIndex, index < text.endIndex else { return false }
    return [text[text.index(before: index)], text[index]].allSatisfy { $0.isLetter || $0.isNumber }
  }

  private static func mistakeTable(_ rows: [Misclassification]) -> Table {
    Table(
      rows,
      [
        .text("row") { Table.Cell($0.id ?? "\($0.row)") },
        .text("text") { Table.Cell(shortened($0.text ?? "", to: 300)) },
        .text("true") { Table.Cell($0.actualText) },
        .text("predicted") { Table.Cell($0.predictedText) },
        .number("at %") { Table.Cell(NumberFormat.percent($0.confidence)) },
        rows.contains { !$0.because.isEmpty }
          ? .text("words") { Table.Cell($0.because.isEmpty ? NumberFormat.none : list($0.because)) }
          : nil,
      ])
  }

  /// The beginning of a text, cut at a blank if it is longer than `limit`.
  static func shortened(_ text: String, to limit: Int) -> String {
    guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
      end < text.endIndex
    else { return text }
    let start = text[..<end]
    return (start.lastIndex(where: \.isWhitespace).map { start[..<$0] } ?? start) + " …"
  }
}

extension Misclassification {
  fileprivate var actualText: String { Self.text(actual) }
  fileprivate var predictedText: String { Self.text(predicted) }

  private static func text(_ classes: [String]) -> String {
    classes.isEmpty ? "no label" : classes.joined(separator: ", ")
  }

  private func json(_ classes: [String]) -> JSON {
    task.isMultiLabel ? classes.json : classes.joined().json
  }
}

extension Misclassification: JSONConvertible {
  var json: JSON {
    .object(
      task.members, variant.members,
      [
        "seed": seed, "row": row, "id": id, "text": text, "gold": json(actual),
        "predicted": json(predicted), "confidence": confidence,
        "because": because.map { JSON.object(["word": $0.word, "by": $0.by]) },
      ])
  }
}
