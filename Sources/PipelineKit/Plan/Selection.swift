import Support

/// The part of a plan that the command line asks for.
public struct Selection: Sendable {
  /// Only these stages or rows.
  public var only: [String] = []
  /// These and all that depends on them.
  public var from: [String] = []
  /// These and all that they depend on.
  public var until: [String] = []

  /// Everything, unless the properties say otherwise.
  public init(only: [String] = [], from: [String] = [], until: [String] = []) {
    self.only = only
    self.from = from
    self.until = until
  }

  /// The selected rows.
  /// - Throws: ``UserError`` of kind `usage` if a name is unknown.
  func rows(of plan: Plan) throws -> Set<Int> {
    var rows = Set(plan.rows.indices)
    if !only.isEmpty { rows = try named(only, "--only", plan) }
    if !from.isEmpty { rows.formIntersection(plan.downstream(of: try named(from, "--from", plan))) }
    if !until.isEmpty {
      rows.formIntersection(plan.upstream(of: try named(until, "--until", plan)))
    }
    return rows
  }

  private func named(_ names: [String], _ option: String, _ plan: Plan) throws -> Set<Int> {
    var found: Set<Int> = []
    for name in names {
      let rows = plan.rows.filter { $0.stage == name || $0.id == name }
      if rows.isEmpty {
        let known = (plan.stages + plan.rows.map(\.id)).unique
        let near = nearest(to: name, in: known)
        throw UserError(
          .usage, at: "\(option) \(name)",
          problem: "no stage “\(name)” in the manifest “\(plan.name)”",
          hint: name.contains(".y")
            ? "a manifest stands before \(option)"
            : near.map { "did you mean “\($0)”?" } ?? "the stages are \(plan.stages.listed)")
      }
      found.formUnion(rows.map(\.index))
    }
    return found
  }
}
