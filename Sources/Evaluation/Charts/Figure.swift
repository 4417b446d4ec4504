/// A chart as SVG. Charts are ``width`` units wide and shown at about the same number of pixels, so
/// that their text is readable on a phone and on a desktop.
struct Figure: Sendable {
  /// The name of the file without its extension; unique within a report.
  let name: String
  let title: String
  /// The content in a sentence or two, for readers who cannot see it.
  let description: String
  /// The width of most charts.
  static let width = 380.0
  /// Whether the chart is wider than others, so that it needs a separate line and, on a narrow
  /// screen, a box that scrolls: shrunk, its text would not be legible.
  var isWide: Bool { width > Self.width }
  private let width: Double
  private let height: Double
  private let content: HTML

  init(
    name: String, title: String, description: String, width: Double = Figure.width,
    height: Double, @HTMLBuilder content: () -> HTML
  ) {
    (self.name, self.title, self.description) = (name, title, description)
    (self.width, self.height, self.content) = (width, height, content())
  }

  /// Two charts side by side.
  init(name: String, title: String, _ left: Figure, _ right: Figure) {
    let x = left.width + 44
    self.init(
      name: name, title: title, description: "\(left.description) \(right.description)",
      width: x + right.width, height: max(left.height, right.height)
    ) {
      left.content
      tag("g", ["transform": "translate(\(SVG.number(x)) 0)"]) { right.content }
    }
  }

  /// The chart as a self-contained file.
  func svg() -> String {
    element(namespace: "http://www.w3.org/2000/svg") {
      HTML.style(PackageResources.chart_css)
      SVG.rectangle(0, 0, width, height, class: "page")
    }.source + "\n"
  }

  /// The chart as an element of a page that includes chart.css.
  var inline: HTML { element(namespace: nil) {} }

  private func element(
    namespace: String?, @HTMLBuilder background: () -> HTML
  ) -> HTML {
    tag(
      "svg",
      [
        "xmlns": namespace, "class": "chart", "role": "img",
        "viewBox": "0 0 \(SVG.number(width)) \(SVG.number(height))",
        "width": isWide ? SVG.number(width) : nil,
        "aria-labelledby": "\(name)-title \(name)-desc",
      ]
    ) {
      tag("title", ["id": "\(name)-title"]) { title }
      tag("desc", ["id": "\(name)-desc"]) { description }
      background()
      content
    }
  }
}

/// The marks of a chart with their names, on one or more lines.
struct Legend {
  struct Item {
    var name: String
    /// Draws the mark around a point.
    var mark: (_ x: Double, _ y: Double) -> HTML
  }

  private static let lineHeight = 20.0
  private let lines: [[(item: Item, x: Double)]]

  init(_ items: [Item]) {
    var lines: [[(item: Item, x: Double)]] = [[]]
    var x = 0.0
    for item in items {
      let width = 28 + SVG.width(of: item.name)
      if x > 0, x + width > Figure.width {
        lines.append([])
        x = 0
      }
      lines[lines.count - 1].append((item, x))
      x += width + 16
    }
    self.lines = lines
  }

  var height: Double { Self.lineHeight * Double(lines.count) }

  /// The legend, below the title of a chart.
  var content: HTML {
    .joined(
      lines.enumerated().flatMap { line, items in
        let y = 36 + Self.lineHeight * Double(line)
        return items.flatMap { item, x in
          [
            item.mark(x + 11, y - 4),
            SVG.text(SVG.fitted(item.name, Figure.width - 28), x + 28, y, class: "muted"),
          ]
        }
      })
  }
}

extension Legend.Item {
  /// A filled rectangle.
  static func swatch(_ name: String, class style: String, width: Double = 22) -> Legend.Item {
    Legend.Item(name: name) { x, y in
      SVG.rectangle(x - width / 2, y - 5, width, 10, class: style)
    }
  }

  /// A short line with a mark on it.
  static func line(
    _ name: String, class style: String,
    mark: @escaping (_ x: Double, _ y: Double) -> HTML = { _, _ in .empty }
  ) -> Legend.Item {
    Legend.Item(name: name) { x, y in
      .joined([SVG.line(x - 11, y, x + 11, y, class: style), mark(x, y)])
    }
  }
}
