/// What went in, what it cost, and where the numbers come from.
extension HTMLReport {
  var data: Section? {
    guard !report.data.isEmpty else { return nil }
    return Section(
      anchor: "data", title: "Data",
      content: .joined([
        report.dataTable().html(caption: "Rows of each split.", stacked: true),
        .joined(
          unique(report.data.map(\.column)).map { column in
            tag("div", ["class": "result"]) {
              tag("h3") { column.title }
              Self.grid(gallery.data(column))
            }
          }),
      ]))
  }

  var costs: Section? {
    guard !report.costs.isEmpty else { return nil }
    let slowest = report.costs.map(\.seconds).filter(\.isFinite).max() ?? 0
    let largest = report.costs.map(\.peakBytes).max() ?? 0
    let total = report.costs.map(\.seconds).filter(\.isFinite).reduce(0, +)
    return Section(
      anchor: "costs", title: "Time and memory",
      content: tag("table", ["class": "costs"]) {
        tag("caption") {
          "Wall time and peak memory of each stage; \(NumberFormat.duration(total)) in all."
        }
        tag("thead") {
          tag("tr") {
            tag("th", ["scope": "col"]) { "Stage" }
            tag("th", ["scope": "col"]) { "Time" }
            tag("th", ["scope": "col"]) { "Peak memory" }
          }
        }
        tag("tbody") {
          for cost in report.costs {
            tag("tr") {
              tag("th", ["scope": "row"]) { cost.stage }
              Self.bar(cost.seconds / slowest, NumberFormat.duration(cost.seconds), "time")
              Self.bar(
                Double(cost.peakBytes) / Double(largest), NumberFormat.bytes(cost.peakBytes),
                "memory")
            }
          }
        }
      })
  }

  /// A number over a bar of its share of the largest.
  private static func bar(_ share: Double, _ text: String, _ kind: String) -> HTML {
    let width = share.isFinite ? min(max(share, 0), 1) * 100 : 0
    return tag("td", ["class": "number"]) {
      text
      tag("span", ["class": "bar \(kind)", "aria-hidden": "true"]) {
        tag("span", ["style": "width:\(NumberFormat.fixed(width, 1))%"])
      }
    }
  }

  var provenance: Section? {
    guard !report.provenance.isEmpty || !report.models.isEmpty else { return nil }
    let recipe = report.recipe.map { recipe in
      tag("p", ["class": "reading"]) { Report.meaning(ofRecipe: recipe) }
    }
    return Section(
      anchor: "provenance", title: "Settings and digests",
      content: .joined(
        [recipe ?? .empty, modelFiles] + report.provenance.map(details)))
  }

  private var modelFiles: HTML {
    if report.models.isEmpty { return .empty }
    return tag("details", ["class": "provenance"]) {
      tag("summary") {
        tag("strong") { "Models" }
        tag("span", ["class": "detail"]) { " \(NumberFormat.count(report.models.count, "file"))" }
      }
      report.modelTable.html(caption: "The files that the numbers come from.", stacked: true)
    }
  }

  private func details(_ stage: Provenance) -> HTML {
    let (lead, table) = report.entries(of: stage)
    return tag("details", ["class": "provenance"]) {
      tag("summary") {
        tag("strong") { stage.stage }
        tag("span", ["class": "detail"]) {
          " \(NumberFormat.count(stage.settings.count, "setting")), "
            + NumberFormat.count(stage.digests.count, "digest")
        }
      }
      table.html(caption: "Settings and SHA-256 digests of \(stage.stage). \(lead)")
    }
  }
}
