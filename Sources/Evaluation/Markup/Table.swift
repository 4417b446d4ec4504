import Support

/// A table that can be written as Markdown and as HTML.
struct Table {
  struct Cell {
    var text: String
    /// Less important text that follows in a smaller font.
    var detail: String?
    /// Whether this is the main number of the row.
    var isStrong: Bool
    /// The length of a bar below the number in the page, as a fraction of the width of the cell.
    var bar: Double?

    init(_ text: String, detail: String? = nil, isStrong: Bool = false, bar: Double? = nil) {
      (self.text, self.detail, self.bar) = (text, detail, bar)
      self.isStrong = isStrong && text != NumberFormat.none
    }

    init(_ number: Int, isStrong: Bool = false) {
      self.init(NumberFormat.grouped(number), isStrong: isStrong)
    }
  }

  /// A heading, and the cell of each element.
  struct Column<Element> {
    var heading: String
    /// Whether the column holds numbers, which are aligned to the right.
    var isNumeric: Bool
    var cell: (Element) -> Cell

    static func text(_ heading: String, _ cell: @escaping (Element) -> Cell) -> Column {
      Column(heading: heading, isNumeric: false, cell: cell)
    }

    static func number(_ heading: String, _ cell: @escaping (Element) -> Cell) -> Column {
      Column(heading: heading, isNumeric: true, cell: cell)
    }
  }

  let headings: [(text: String, isNumeric: Bool)]
  let rows: [[Cell]]

  /// A table with a row for each element. Columns that are nil are left out.
  init<Element>(_ elements: some Sequence<Element>, _ columns: [Column<Element>?]) {
    let columns = columns.compactMap { $0 }
    headings = columns.map { ($0.heading, $0.isNumeric) }
    rows = elements.map { element in columns.map { $0.cell(element) } }
  }

  /// The table in GitHub's dialect of Markdown.
  var markdown: String {
    Markdown.table(
      head: headings.map { (Markdown.escaped($0.text), numeric: $0.isNumeric) },
      rows: rows.map { row in
        row.map { cell in
          let text = Markdown.escaped(cell.text)
          return (cell.isStrong ? "**\(text)**" : text)
            + (cell.detail.map { " \(Markdown.escaped($0))" } ?? "")
        }
      })
  }

  /// The table as HTML.
  /// - Parameter isStacked: whether each row becomes a card on a narrow screen, with the heading before
  ///   each value; for wide tables.
  func html(caption: String, isStacked: Bool = false) -> HTML {
    tag("table", ["class": isStacked ? "stacked" : nil]) {
      tag("caption") { caption }
      tag("thead") {
        tag("tr") {
          for heading in headings {
            tag("th", ["scope": "col", "class": heading.isNumeric ? "number" : nil]) {
              heading.text
            }
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
        tag(
          index == 0 ? "th" : "td",
          [
            "scope": index == 0 ? "row" : nil, "class": heading.isNumeric ? "number" : nil,
            "data-heading": heading.text,
          ]
        ) {
          // One element, so that a card can place it beside the heading.
          tag("span") {
            if cell.isStrong { tag("strong") { cell.text } } else { cell.text }
            if let detail = cell.detail {
              " "
              tag("span", ["class": "detail"]) { detail }
            }
          }
          if let bar = cell.bar { Self.bar(bar) }
        }
      }
    }
  }
}

extension Table {
  private static func bar(_ fraction: Double) -> HTML {
    let width = fraction.isFinite ? min(max(fraction, 0), 1) * 100 : 0
    return tag("span", ["class": "bar", "aria-hidden": "true"]) {
      tag("span", ["style": "width:\(NumberFormat.fixed(width, 1))%"])
    }
  }
}

typealias NumberFormat = Support.NumberFormat

extension NumberFormat {
  /// A difference of fractions in percentage points with its sign, such as `+1.2` or `−0.4`.
  static func points(_ difference: Double?) -> String {
    let text = percent(difference)
    if text == none || text == "0.0" { return text }
    return text.hasPrefix("-") ? "−" + text.dropFirst() : "+" + text
  }

  /// An interval in percent, such as `80.4 – 82.8`.
  static func range(_ interval: ConfidenceInterval?) -> String {
    interval.map { "\(percent($0.low)) – \(percent($0.high))" } ?? none
  }

  /// The interval of a difference, with signs.
  static func pointsRange(_ interval: ConfidenceInterval?) -> String {
    interval.map { "\(points($0.low)) … \(points($0.high))" } ?? none
  }

  /// A p-value with three decimals, or `< 0.001`.
  static func probability(_ value: Double) -> String {
    value < 0.0005 ? "< 0.001" : fixed(value, 3)
  }
}
