/// A chart, drawn as SVG.
///
/// Charts are drawn for a width of about 420 units and shown at about that many pixels, so that
/// their letters are as large as the page's on a phone and on a desk.
public struct Figure: Sendable {
  /// The name of its file, without the ending; unique within a report.
  public let name: String
  /// What it shows, in a phrase.
  public let title: String
  /// What can be seen in it, in a sentence or two, for those who cannot see it.
  public let description: String
  let width: Double
  let height: Double
  let content: Markup

  init(
    name: String, title: String, description: String, width: Double = 420, height: Double,
    @MarkupBuilder content: () -> Markup
  ) {
    (self.name, self.title, self.description) = (name, title, description)
    (self.width, self.height) = (width, height)
    self.content = content()
  }

  /// The chart as a file of its own, with its colours.
  public func svg() -> String {
    element(namespace: "http://www.w3.org/2000/svg") {
      Markup.style(ChartStyle.sheet)
      Draw.rectangle(0, 0, width, height, class: "page")
    }.source + "\n"
  }

  /// The chart as a part of a page that holds ``ChartStyle/sheet``.
  var inline: Markup { element(namespace: nil) {} }

  private func element(
    namespace: String?, @MarkupBuilder before: () -> Markup
  ) -> Markup {
    tag(
      "svg",
      [
        "xmlns": namespace, "class": "chart", "role": "img",
        "viewBox": "0 0 \(Draw.number(width)) \(Draw.number(height))",
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
