/// The shapes that all charts are made of. Colors and fonts come from the classes in chart.css.
enum SVG {
  /// The position of a text relative to its point.
  enum Anchor: String {
    case start, middle, end
  }

  /// A coordinate with at most one decimal.
  static func number(_ value: Double) -> String {
    let text = NumberFormat.fixed(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class style: String
  ) -> HTML {
    tag(
      "line",
      ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": style])
  }

  static func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, class style: String,
    opacity: Double? = nil
  ) -> HTML {
    tag(
      "rect",
      [
        "x": number(x), "y": number(y), "width": number(max(width, 0)),
        "height": number(max(height, 0)), "class": style,
        "fill-opacity": opacity.map { NumberFormat.fixed($0, 2) },
      ])
  }

  static func circle(_ x: Double, _ y: Double, _ radius: Double, class style: String) -> HTML {
    tag("circle", ["cx": number(x), "cy": number(y), "r": number(radius), "class": style])
  }

  static func diamond(_ x: Double, _ y: Double, _ radius: Double, class style: String) -> HTML {
    polygon([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], class: style)
  }

  static func polygon(_ points: [(Double, Double)], class style: String) -> HTML {
    tag("polygon", ["points": list(points), "class": style])
  }

  static func polyline(_ points: [(Double, Double)], class style: String) -> HTML {
    tag("polyline", ["points": list(points), "class": style])
  }

  private static func list(_ points: [(Double, Double)]) -> String {
    points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
  }

  /// - Parameter isVertical: whether the text reads upwards.
  static func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, class style: String? = nil,
    isVertical: Bool = false
  ) -> HTML {
    tag(
      "text",
      [
        "x": number(x), "y": number(y),
        "text-anchor": anchor == .start ? nil : anchor.rawValue, "class": style,
        "transform": isVertical ? "rotate(-90 \(number(x)) \(number(y)))" : nil,
      ]
    ) { text }
  }

  /// The title of a chart, at its top.
  static func title(_ text: String) -> HTML { SVG.text(text, 0, 14, class: "title") }

  /// `text`, without its middle if it is wider than `width`: names often differ at their ends.
  static func fitted(_ text: String, _ width: Double) -> String {
    if SVG.width(of: text) <= width { return text }
    var (start, end) = (Substring(text), text.suffix(text.count / 3))
    while !start.isEmpty, SVG.width(of: "\(start)…\(end)") > width {
      start.removeLast()
      if start.count < 2 * end.count { end.removeFirst() }
    }
    return "\(start)…\(end)"
  }

  /// An upper estimate of the width of a text, because fonts differ between machines.
  static func width(of text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 7.3 : 12.5) }
  }
}
