import Tensors

extension Manifest {
  /// Chooses the rows to run and makes sure that they can be run.
  /// - Throws: ``Refusal`` or ``Refusals``: an unknown name, a missing file, options that an
  ///   executable refuses, or a stale row that is not selected but read by one that is.
  public func choose(
    _ selection: Selection, of plan: Plan, _ inspections: [Inspection]
  ) throws -> Set<Int> {
    let selected = try selection.rows(of: plan)
    let rows = plan.rows.filter { selected.contains($0.index) }
    var refusals = missing(from: rows)
    let absent = Set(refusals.map(\.place))
    for row in rows {
      guard case .refused(let message, let status) = inspections[row.index].state,
        !row.sources.contains(where: { absent.contains("\(source.path):\($0.place.text)") })
      else { continue }
      var refusal = source.refusal(
        at: row.place, "\(row.id) refuses its options:\n\(message.indented)")
      refusal.kind = Refusal.Kind(rawValue: status) ?? .configuration
      refusals.append(refusal)
    }
    for row in rows {
      for index in row.upstream where !selected.contains(index) && !inspections[index].isFresh {
        let upstream = plan.rows[index]
        refusals.append(
          Refusal(
            .noInput, at: row.id,
            saw: "it reads \(upstream.id), which is not up to date: "
              + inspections[index].reasons.joined(separator: "; "),
            advice: "run that, too: --only \(upstream.stage) --only \(row.stage), "
              + "or --until \(row.stage)"))
      }
    }
    guard refusals.isEmpty else { throw Refusals(all: refusals) }
    return selected
  }
}

extension Place {
  var text: String { "\(line):\(column)" }
}

extension String {
  /// Each line two spaces further in.
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
      .joined(separator: "\n")
  }
}
