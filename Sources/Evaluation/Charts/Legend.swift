/// What the marks of a chart mean: samples with their names, in as many lines as are needed.
struct Legend {
  /// One sample: how it is drawn around a point, and its name.
  struct Item {
    var name: String
    var sample: (_ x: Double, _ y: Double) -> HTML
  }

  /// The distance of lines.
  static let lineHeight = 20.0
  private let lines: [[(item: Item, x: Double)]]

  /// A legend of these items, at most `width` wide.
  init(items: [Item], width: Double = Figure.width) {
    var lines: [[(item: Item, x: Double)]] = [[]]
    var place = 0.0
    for item in items {
      let size = 28 + SVG.width(of: item.name)
      if place > 0, place + size > width {
        lines.append([])
        place = 0
      }
      lines[lines.count - 1].append((item, place))
      place += size + 16
    }
    self.lines = lines
  }

  /// The height of all lines.
  var height: Double { Self.lineHeight * Double(lines.count) }

  /// The legend with its first line at `y`.
  func drawn(_ x: Double, _ y: Double) -> HTML {
    .joined(
      lines.enumerated().flatMap { number, line in
        let base = y + Self.lineHeight * Double(number)
        return line.flatMap { item, place in
          [
            item.sample(x + place + 11, base - 4),
            SVG.text(
              SVG.fitted(item.name, Figure.width - 28), x + place + 28, base, class: "muted"),
          ]
        }
      })
  }
}
