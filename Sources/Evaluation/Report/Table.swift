import Support

/// A table that can be written as Markdown and as HTML.
struct Table {
  /// The heading of a column.
  struct Heading {
    var text: String
    /// Numbers stand at the right.
    var numeric: Bool

    static func text(_ text: String) -> Heading { Heading(text: text, numeric: false) }
    static func number(_ text: String) -> Heading { Heading(text: text, numeric: true) }
  }

  /// What stands in a row and column.
  struct Cell: ExpressibleByStringInterpolation {
    var text: String
    /// What stands behind it in smaller letters.
    var detail: String?
    /// Whether it is the number that the reader looks for.
    var strong = false

    init(_ text: String, detail: String? = nil, strong: Bool = false) {
      self.text = text
      self.detail = detail
      self.strong = strong && text != NumberFormat.none
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  var headings: [Heading]
  var rows: [[Cell]]

  /// The table in the dialect of GitHub.
  var markdown: String {
    Markdown.table(
      head: headings.map { (Markdown.escaped($0.text), $0.numeric) },
      rows: rows.map { row in
        row.map { cell in
          let text = Markdown.escaped(cell.text)
          let marked = cell.strong ? "**\(text)**" : text
          return cell.detail.map { "\(marked) \(Markdown.escaped($0))" } ?? marked
        }
      })
  }

  /// The table as HTML. On a narrow screen each row becomes a card, with the heading before each
  /// value; `stacked` says that the table is wide enough to need it.
  func html(caption: String, stacked: Bool = false) -> HTML {
    tag("table", ["class": stacked ? "stacked" : nil]) {
      tag("caption") { caption }
      tag("thead") {
        tag("tr") {
          for heading in headings {
            tag("th", ["scope": "col", "class": heading.numeric ? "number" : nil]) { heading.text }
          }
        }
      }
      tag("tbody") { for row in rows { html(row) } }
    }
  }

  /// A row; its first cell is its heading.
  private func html(_ row: [Cell]) -> HTML {
    tag("tr") {
      for (index, (cell, heading)) in zip(row, headings).enumerated() {
        .element(
          index == 0 ? "th" : "td",
          [
            "scope": index == 0 ? "row" : nil, "class": heading.numeric ? "number" : nil,
            "data-heading": heading.text,
          ], content(cell))
      }
    }
  }

  /// One span, so that a card can set it apart from the heading.
  private func content(_ cell: Cell) -> HTML {
    tag("span") {
      if cell.strong { tag("strong") { cell.text } } else { cell.text }
      if let detail = cell.detail {
        " "
        tag("span", ["class": "detail"]) { detail }
      }
    }
  }
}
