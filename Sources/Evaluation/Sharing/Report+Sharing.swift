import Support

/// The section on ways to share parameters among tasks.
extension Report {
  /// How the recommendations are found.
  var sharingMethod: String {
    let comparisons = sharing.flatMap(\.ways).compactMap(\.comparison)
    let tests = comparisons.map(\.test.rawValue).unique.joined(separator: "; ")
    return
      "Each way of training is compared with the same kind of model trained on the task alone, on "
      + "the same \(evaluationSplit.rawValue) rows (\(tests)). A difference is clear if p < 0.05 after "
      + "Holm’s adjustment over the \(NumberFormat.count(comparisons.count, "test")) of this section. "
      + "Without a clear difference, training alone is recommended because it is simpler."
  }

  /// The ways on one task.
  func sharingTable(_ comparison: SharingComparison) -> Table {
    let ways = comparison.ways
    let showsInterval = ways.contains { $0.comparison?.interval != nil }
    let columns: [Table.Column<SharingComparison.Way>?] = [
      .text("Model") { Table.Cell($0.variant.title) },
      .number("\(evaluationSplit.title) \(comparison.task.measure.rawValue), %") {
        Table.Cell($0.result.score, isStrong: true)
      },
      .number("95 % interval") { Table.Cell(NumberFormat.range($0.result.score?.interval)) },
      .number("From alone, points") {
        Table.Cell(NumberFormat.points($0.comparison?.difference))
      },
      showsInterval
        ? .number("95 % interval of the difference") {
          Table.Cell(NumberFormat.pointsRange($0.comparison?.interval))
        } : nil,
      .number("p") { Self.pCell($0.comparison?.pValue) },
      .number("p after Holm") { Self.pCell($0.comparison?.adjustedPValue) },
      .number("Seeds") { Table.Cell($0.result.seeds.count) },
    ]
    return Table(ways, columns)
  }

  private static func pCell(_ value: Double?) -> Table.Cell {
    Table.Cell(value.map { NumberFormat.probability($0) } ?? NumberFormat.none)
  }

  /// The section; nil unless a kind of model learned a task in several ways.
  var sharingSection: Section? {
    if sharing.isEmpty { return nil }
    return Section("sharing", "Together or apart") {
      Block.list(sharing.map { (lead: "\($0.task.title):", text: $0.advice) })
      Block.explanation(sharingMethod)
      for comparison in sharing {
        Block.table(
          sharingTable(comparison), caption: "Ways to train a model of \(comparison.task.title).",
          isStacked: true)
      }
    }
  }
}

extension SharingComparison: JSONConvertible {
  var json: JSON {
    .object(task.members, ["recommendation": recommendation, "ways": ways])
  }
}

extension SharingComparison.Way: JSONConvertible {
  var json: JSON {
    .object([
      "model": variant.name, "training": variant.training.rawValue, "detail": variant.detail,
      "sharing": variant.sharing?.rawValue, "seeds": result.seeds, "rows": result.rows,
      result.task.measure.key: result.score, "difference": comparison?.difference,
      "low": comparison?.interval?.low, "high": comparison?.interval?.high,
      "test": comparison?.test.rawValue, "pValue": comparison?.pValue,
      "adjusted": comparison?.adjustedPValue,
    ])
  }
}
