/// The report as one HTML page that needs nothing else.
struct HTMLReport {
  let report: Report
  let gallery: FigureSet

  init(_ report: Report) {
    self.report = report
    gallery = FigureSet(report)
  }

  /// A section of the page, with its place in the contents.
  struct Section {
    var anchor: String
    var title: String
    var content: HTML
  }

  var markup: HTML {
    let sections = [
      findings, results, comparisons, fineTuning, learning, classes, mistakes, data, costs,
      provenance,
    ].compactMap { $0 }
    return .joined([
      .doctype,
      tag("html", ["lang": "en"]) {
        tag("head") {
          tag("meta", ["charset": "utf-8"])
          tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
          tag("meta", ["name": "color-scheme", "content": "light dark"])
          tag("title") { report.title }
          HTML.style(ReportStyle.sheet)
          HTML.style(ChartStyle.sheet)
        }
        tag("body") {
          header(sections)
          tag("main") { for section in sections { markup(section) } }
        }
      }, .text("\n"),
    ])
  }

  private func header(_ sections: [Section]) -> HTML {
    tag("header") {
      tag("h1") { report.title }
      tiles
      tag("nav", ["aria-label": "Contents"]) {
        for section in sections { tag("a", ["href": "#\(section.anchor)"]) { section.title } }
      }
      for note in report.notes { tag("p", ["class": "note"]) { note } }
    }
  }

  /// The reference model's accuracy on each column, at a glance.
  private var tiles: HTML {
    let found = report.columns.compactMap { column in
      let models = report.models(column)
      let model = models.first { $0 == Model(report.reference, .fineTuned) }
      return (model ?? models.first { $0.name == report.reference })
        .flatMap { report.outcome($0, column) }
    }
    return tag("ul", ["class": "tiles"]) {
      for outcome in found {
        tag("li") {
          tag("span", ["class": "what"]) { "\(outcome.column.title) · \(outcome.model.title)" }
          tag("span", ["class": "big"]) { "\(NumberFormat.percent(outcome.accuracy?.mean)) %" }
          tag("span", ["class": "detail"]) { Self.scale(outcome) }
        }
      }
    }
  }

  /// What a tile's number has to be seen beside.
  private static func scale(_ outcome: EvaluationResult) -> String {
    let seeds = outcome.seeds.count
    let parts = [
      outcome.paper.map { "paper \(NumberFormat.percent($0)) %" },
      outcome.accuracy?.interval.map { "95 %: \(NumberFormat.range($0))" },
      seeds > 1 ? NumberFormat.count(seeds, "seed") : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: " · ")
  }

  private func markup(_ section: Section) -> HTML {
    tag("section", ["id": section.anchor]) {
      tag("h2") { section.title }
      section.content
    }
  }

  /// Charts side by side as far as there is room.
  static func grid(_ figures: [Figure]) -> HTML {
    tag("div", ["class": "grid"]) {
      for figure in figures { tag("figure") { figure.inline } }
    }
  }
}

extension Report {
  /// The report as a page for people: self-contained, readable without scripts, light and dark.
  ///
  /// It quotes the texts that were given with the predictions and shows what the run cost, so it is
  /// not the same bytes from run to run.
  public func html() -> String { HTMLReport(self).markup.source }
}
