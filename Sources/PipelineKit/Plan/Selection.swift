import Support

/// The part of a plan that the command line asks for; everything by default.
public struct Selection: Sendable {
  /// The names under `--only`, of stages or jobs.
  let only: [String]
  /// The names under `--from`, which select everything that depends on them.
  let from: [String]
  /// The names under `--until`, which select everything on which they depend.
  let until: [String]

  /// A selection; empty lists select everything.
  public init(only: [String] = [], from: [String] = [], until: [String] = []) {
    self.only = only
    self.from = from
    self.until = until
  }

  /// The indices of the selected jobs.
  /// - Throws: ``UserError`` with exit status `usage` if a name is unknown.
  func jobs(of plan: Plan) throws -> Set<Int> {
    var jobs = Set(plan.jobs.indices)
    if !only.isEmpty { jobs = try find(only, "--only", plan) }
    if !from.isEmpty { jobs.formIntersection(plan.downstream(of: try find(from, "--from", plan))) }
    if !until.isEmpty {
      jobs.formIntersection(plan.upstream(of: try find(until, "--until", plan)))
    }
    return jobs
  }

  private func find(_ names: [String], _ option: String, _ plan: Plan) throws -> Set<Int> {
    var found: Set<Int> = []
    for name in names {
      let jobs = plan.jobs.filter { $0.stage == name || $0.id == name }
      if jobs.isEmpty {
        let near = nearest(to: name, in: plan.stages + plan.jobs.map(\.id))
        throw UserError(
          .usage, at: "\(option) \(name)",
          problem: "no stage “\(name)” in the manifest “\(plan.name)”",
          hint: name.contains(".y")
            ? "the manifest must come before \(option)"
            : near.map { "did you mean “\($0)”?" } ?? "the stages are \(plan.stages.listed)")
      }
      found.formUnion(jobs.map(\.index))
    }
    return found
  }
}

extension Manifest {
  /// The indices of the selected jobs, all of which can be run.
  /// - Throws: ``UserError`` or ``Diagnostics``: an unknown name, a missing file, options that an
  ///   executable rejects, or a stale job that is not selected but read by one that is.
  public func select(
    _ selection: Selection, of plan: Plan, _ freshness: [Freshness]
  ) throws -> Set<Int> {
    let selected = try selection.jobs(of: plan)
    let jobs = plan.jobs.filter { selected.contains($0.index) }
    let errors =
      missingFiles(of: jobs) + rejectedOptions(of: jobs, freshness)
      + missingInputs(of: jobs, selected, plan, freshness)
    guard errors.isEmpty else { throw Diagnostics(errors: errors) }
    return selected
  }

  /// The errors of executables that reject their options, each once per stage.
  private func rejectedOptions(of jobs: [Job], _ freshness: [Freshness]) -> [UserError] {
    var seen: Set<[String]> = []
    return jobs.compactMap { job in
      // A missing file is reported with its position in the manifest, which is more helpful.
      guard case .refused(let message, let status) = freshness[job.index].state,
        !job.sources.contains(where: \.isMissing), seen.insert([job.stage, message]).inserted
      else { return nil }
      let indented = message.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "  " + $0 }.joined(separator: "\n")
      var error = source.error(at: job.position, "\(job.id) refuses its options:\n\(indented)")
      error.exitStatus = UserError.ExitStatus(rawValue: status) ?? .configuration
      return error
    }
  }

  /// The errors for inputs that are neither selected nor up to date, each once per pair of stages.
  private func missingInputs(
    of jobs: [Job], _ selected: Set<Int>, _ plan: Plan, _ freshness: [Freshness]
  ) -> [UserError] {
    var seen: Set<[String]> = []
    return jobs.flatMap { job in
      job.upstream.compactMap { index in
        let input = plan.jobs[index]
        guard !selected.contains(index), !freshness[index].isFresh,
          seen.insert([job.stage, input.stage]).inserted
        else { return nil }
        let reasons = freshness[index].reasons.joined(separator: "; ")
        return UserError(
          .noInput, at: job.id,
          problem: "it reads \(input.id), which is not up to date (\(reasons))",
          hint: "--until \(job.stage) runs what it needs first")
      }
    }
  }
}
