import Support

extension Report {
  /// How much further labelled rows would help.
  @BlockBuilder func sizeBlocks(_ task: EvaluationTask, _ figures: FigureSet) -> [Block] {
    if let curve = sizeCurves.first(where: { $0.task == task }) {
      Block.heading("Would more labelled rows help?")
      Block.paragraph(curve.text)
      Block.explanation(
        "Bags of words were fitted to a quarter, a half and all of the training and validation rows, and tested "
          + "on rows that were held out from them. The line is a power law of their error. Intervals of 95 % "
          + "cover the choice of rows and how far real curves were from such a law, which is the more the "
          + "further they are from the data. They assume that new rows are like these; other models can gain "
          + "more or less.")
      Block.grid([
        .figure(figures.sizes(curve)),
        .table(curve.table, caption: "Expected accuracy of a bag of words, in %."),
      ])
    }
  }
}

extension FigureSet {
  /// Accuracy by the number of rows.
  func sizes(_ curve: SizeCurve) -> Figure {
    SizeChart(name: "sizes_\(name(curve.task))", curve: curve).figure
  }
}

extension SizeCurve {
  /// The expected accuracies.
  var table: Table {
    Table(
      estimates,
      [
        .number("Rows") { Table.Cell($0.rows) },
        .number("Accuracy") { Table.Cell(NumberFormat.percent($0.accuracy), isStrong: true) },
        .number("Gain, points") {
          Table.Cell(
            NumberFormat.points($0.gain), detail: "± \(NumberFormat.percent($0.margin))")
        },
      ])
  }
}

/// The measured accuracies and the fitted line, up to twice the number of rows.
struct SizeChart {
  var name: String
  var curve: SizeCurve

  var figure: Figure {
    let start = curve.measured.map(\.rows).min() ?? 1
    let end = Double(2 * curve.rows)
    let line = (0...40).map { start + (end - start) * Double($0) / 40 }
    let estimates = line.map { curve.estimate(Int($0)) }
    let bands = estimates.filter { $0.rows >= curve.rows }
    let values =
      estimates.map(\.accuracy) + curve.measured.map(\.accuracy)
      + bands.flatMap { [$0.accuracy - $0.margin, $0.accuracy + $0.margin] }
    let (low, high) = (max(0, values.min() ?? 0), min(1, values.max() ?? 1))
    let frame = PlotFrame(x: Axis(0...end), y: Axis(low...max(low, high)), yPercent: true)
    func point(_ estimate: SizeCurve.Estimate, _ sign: Double) -> (Double, Double) {
      (frame.x(Double(estimate.rows)), frame.y(estimate.accuracy + sign * estimate.margin))
    }
    return Figure(
      name: name, title: "Accuracy by labelled rows: \(curve.task.title)",
      description: curve.text, height: 274
    ) {
      SVG.title("Accuracy of a bag of words, %")
      frame.axes(xName: "Labelled rows")
      SVG.polygon(
        bands.map { point($0, 1) } + bands.reversed().map { point($0, -1) }, class: "band fill-1")
      SVG.polyline(estimates.map { point($0, 0) }, class: "line stroke-1")
      for measured in curve.measured {
        SVG.circle(frame.x(measured.rows), frame.y(measured.accuracy), 2.8, class: "fill-1")
      }
    }
  }
}

extension SizeCurve: JSONConvertible {
  var json: JSON {
    .object(
      task.members,
      [
        "rows": rows, "text": text,
        "measured": measured.map {
          JSON.object(["rows": $0.rows, "accuracy": $0.accuracy])
        },
        "expected": estimates.map {
          JSON.object([
            "rows": $0.rows, "accuracy": $0.accuracy, "gain": $0.gain, "margin": $0.margin,
          ])
        },
      ])
  }
}
