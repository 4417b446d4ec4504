/// The report as one self-contained HTML page.
struct HTMLReport {
  let report: Report
  let figures: FigureSet

  init(_ report: Report) {
    (self.report, figures) = (report, FigureSet(report))
  }

  /// A section of the page, with its entry in the table of contents.
  struct Section {
    let anchor: String
    let title: String
    let content: HTML

    init(_ anchor: String, _ title: String, @HTMLBuilder content: () -> HTML) {
      (self.anchor, self.title, self.content) = (anchor, title, content())
    }
  }

  var page: HTML {
    let sections = [
      claims, results, comparisons, fineTuning, learning, classes, misclassifications, data, costs,
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
          HTML.style(PackageResources.report_css)
          HTML.style(PackageResources.chart_css)
        }
        tag("body") {
          header(sections)
          tag("main") {
            for section in sections {
              tag("section", ["id": section.anchor]) {
                tag("h2") { section.title }
                section.content
              }
            }
          }
        }
      }, .text("\n"),
    ])
  }

  private func header(_ sections: [Section]) -> HTML {
    tag("header") {
      tag("h1") { report.title }
      tag("ul", ["class": "tiles"]) {
        for task in report.tasks {
          if let result = referenceResult(task) { tile(result) }
        }
      }
      tag("nav", ["aria-label": "Contents"]) {
        for section in sections { tag("a", ["href": "#\(section.anchor)"]) { section.title } }
      }
      for note in report.notes { tag("p", ["class": "note"]) { note } }
    }
  }

  /// The result of the reference model on a task, fine-tuned if there is such a model.
  private func referenceResult(_ task: EvaluationTask) -> EvaluationResult? {
    let variants = report.variants(task)
    let variant =
      variants.first { $0 == ModelVariant(report.reference, .fineTuned) }
      ?? variants.first { $0.name == report.reference }
    return variant.flatMap { report.result($0, task) }
  }

  private func tile(_ result: EvaluationResult) -> HTML {
    let seeds = result.seeds.count
    let details = [
      result.paperAccuracy.map { "paper \(NumberFormat.percent($0)) %" },
      result.accuracy?.interval.map { "95 %: \(NumberFormat.range($0))" },
      seeds > 1 ? NumberFormat.count(seeds, "seed") : nil,
    ]
    return tag("li") {
      tag("span", ["class": "subject"]) { "\(result.task.title) · \(result.variant.title)" }
      tag("span", ["class": "big"]) { "\(NumberFormat.percent(result.accuracy?.mean)) %" }
      tag("span", ["class": "detail"]) { details.compactMap { $0 }.joined(separator: " · ") }
    }
  }

  /// Charts side by side as far as there is room.
  static func grid(_ figures: [Figure]) -> HTML {
    tag("div", ["class": "grid"]) {
      for figure in figures { tag("figure") { figure.inline } }
    }
  }

  /// A block for each task, with a heading.
  static func blocks(
    _ tasks: [EvaluationTask], @HTMLBuilder _ content: (EvaluationTask) -> HTML
  ) -> HTML {
    .joined(
      uniqued(tasks).map { task in
        tag("div", ["class": "result"]) {
          tag("h3") { task.title }
          content(task)
        }
      })
  }

  /// Content that can be collapsed.
  static func details(
    _ title: String, _ detail: String = "", class style: String? = nil, isOpen: Bool = false,
    @HTMLBuilder _ content: () -> HTML
  ) -> HTML {
    tag("details", ["class": style, "open": isOpen ? "" : nil]) {
      tag("summary") {
        tag("strong") { title }
        if !detail.isEmpty { tag("span", ["class": "detail"]) { " \(detail)" } }
      }
      content()
    }
  }
}

extension Report {
  /// The report as a self-contained page for people, readable without scripts, light and dark.
  ///
  /// It quotes texts of the data and shows the cost of the run, so its bytes differ between runs.
  public func html() -> String { HTMLReport(self).page.source }
}
