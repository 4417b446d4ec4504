/// A chart, drawn as SVG.
///
/// Charts are drawn for a width of ``width`` units and shown at about as many pixels, so that their
/// letters can be read on a phone and on a desk.
public struct Figure: Sendable {
  /// The name of its file, without the ending; unique within a report.
  public let name: String
  /// What it shows, in a phrase.
  public let title: String
  /// What can be seen in it, in a sentence or two, for those who cannot see it.
  public let description: String
  /// The width of every chart.
  static let width = 380.0
  /// Its own width: ``width``, or more if it is put together from several.
  private let width: Double
  let height: Double
  let content: HTML

  init(
    name: String, title: String, description: String, width: Double = Figure.width,
    height: Double, @HTMLBuilder content: () -> HTML
  ) {
    (self.name, self.title, self.description) = (name, title, description)
    (self.width, self.height) = (width, height)
    self.content = content()
  }

  /// Two charts side by side.
  init(name: String, title: String, _ left: Figure, _ right: Figure) {
    let place = left.width + 44
    self.init(
      name: name, title: title, description: "\(left.description) \(right.description)",
      width: place + right.width, height: max(left.height, right.height)
    ) {
      left.content
      tag("g", ["transform": "translate(\(SVG.number(place)) 0)"]) { right.content }
    }
  }

  /// The chart as a file of its own, with its colours.
  public func svg() -> String {
    element(namespace: "http://www.w3.org/2000/svg") {
      HTML.style(ChartStyle.sheet)
      SVG.rectangle(0, 0, width, height, class: "page")
    }.source + "\n"
  }

  /// The chart as a part of a page that holds ``ChartStyle/sheet``.
  var inline: HTML { element(namespace: nil) {} }

  private func element(
    namespace: String?, @HTMLBuilder before: () -> HTML
  ) -> HTML {
    tag(
      "svg",
      [
        "xmlns": namespace, "class": "chart", "role": "img",
        "viewBox": "0 0 \(SVG.number(width)) \(SVG.number(height))",
        "aria-labelledby": "\(name)-title \(name)-desc",
      ]
    ) {
      tag("title", ["id": "\(name)-title"]) { title }
      tag("desc", ["id": "\(name)-desc"]) { description }
      before()
      content
    }
  }
}
