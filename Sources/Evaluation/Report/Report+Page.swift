import Support

extension Report {
  /// The report as GitHub's dialect of Markdown, without times and quoted texts.
  public func markdown() -> String {
    var text = "# \(Markdown.escaped(title))\n"
    for headline in headlines {
      text +=
        "\n**\(Markdown.escaped(headline.result.task.title)):** \(Markdown.escaped(headline.text))\n"
    }
    if !notes.isEmpty { text += "\n" + notes.map { "- \(Markdown.escaped($0))\n" }.joined() }
    return text + sections.filter { !$0.isOnlyInPage }.map(\.markdown).joined()
  }

  /// The report as a self-contained page for people, readable without scripts, light and dark.
  ///
  /// It quotes texts of the data and shows the cost of the run, so its bytes differ between runs.
  public func html() -> String {
    let sections = sections
    return HTML.page(title: title) {
      header(sections)
      tag("main") { for section in sections { section.html } }
    }
  }

  private func header(_ sections: [Section]) -> HTML {
    tag("header") {
      tag("h1") { title }
      if !headlines.isEmpty {
        tag("ul", ["class": "tiles"]) { for headline in headlines { tile(headline) } }
      }
      tag("nav", ["aria-label": "Contents"]) {
        for section in sections { tag("a", ["href": "#\(section.anchor)"]) { section.title } }
      }
      for note in notes { tag("p", ["class": "note"]) { note } }
    }
  }

  private func tile(_ headline: Headline) -> HTML {
    tag("li") {
      tag("span", ["class": "subject"]) { headline.result.task.title }
      tag("span", ["class": "big"]) {
        "\(NumberFormat.percent(headline.result.score?.mean)) %"
        tag("span", ["class": "detail"]) {
          " \(headline.result.split.adjective) \(headline.result.task.measure.rawValue) · "
            + "\(headline.result.variant.title)"
        }
      }
      tag("span") { headline.text }
    }
  }

  /// Writes the report in all its forms, and the figures as files.
  /// - Throws: ``UserError`` with exit status `io`.
  public func write(to output: AtomicDirectory) throws {
    try output.write(json() + "\n", to: "report.json")
    try output.write(markdown(), to: "report.md")
    try output.write(html(), to: "report.html")
    for figure in figures() { try output.write(figure.svg(), to: "figures/\(figure.name).svg") }
  }
}
