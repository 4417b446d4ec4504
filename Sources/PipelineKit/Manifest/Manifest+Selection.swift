import Support

extension Manifest {
  /// Chooses the rows to run and makes sure that they can be run.
  /// - Throws: ``UserError`` or ``Diagnostics``: an unknown name, a missing file, options that an
  ///   executable refuses, or a stale row that is not selected but read by one that is.
  public func choose(
    _ selection: Selection, of plan: Plan, _ inspections: [Freshness]
  ) throws -> Set<Int> {
    let selected = try selection.rows(of: plan)
    let rows = plan.rows.filter { selected.contains($0.index) }
    let refusals =
      missing(from: rows) + refused(rows, inspections)
      + unready(for: rows, selected, of: plan, inspections)
    guard refusals.isEmpty else { throw Diagnostics(all: refusals) }
    return selected
  }

  /// What executables say against their options, once for each stage.
  private func refused(_ rows: [Job], _ inspections: [Freshness]) -> [UserError] {
    var told: Set<[String]> = []
    return rows.compactMap { row in
      // A missing file is told with its place in the manifest, which says more.
      guard case .refused(let message, let status) = inspections[row.index].state,
        !row.sources.contains(where: \.isMissing), told.insert([row.stage, message]).inserted
      else { return nil }
      var refusal = source.refusal(
        at: row.place, "\(row.id) refuses its options:\n\(message.indented)")
      refusal.exitStatus = UserError.ExitStatus(rawValue: status) ?? .configuration
      return refusal
    }
  }

  /// What the selected rows read that is neither selected nor up to date, once for each two stages.
  private func unready(
    for rows: [Job], _ selected: Set<Int>, of plan: Plan, _ inspections: [Freshness]
  ) -> [UserError] {
    var told: Set<[String]> = []
    return rows.flatMap { row in
      row.upstream.compactMap { index in
        let read = plan.rows[index]
        guard !selected.contains(index), !inspections[index].isFresh,
          told.insert([row.stage, read.stage]).inserted
        else { return nil }
        return UserError(
          .noInput, at: row.id, problem: "it reads \(read.id), which is not up to date",
          expected: "\(read.id) made again: \(inspections[index].reasons.joined(separator: "; "))",
          hint: "--until \(row.stage) runs what it needs first")
      }
    }
  }
}

extension String {
  /// Each line two spaces further in.
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
      .joined(separator: "\n")
  }
}
