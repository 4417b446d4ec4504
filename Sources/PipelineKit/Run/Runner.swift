import Foundation
import Safetensors
import StageKit
import Support

/// What happens while a plan is run; who listens decides what is printed.
public enum Event: Sendable {
  /// A row begins, for these reasons, with this command.
  case began(Job, Command, reasons: [String])
  /// A row was handed over to Slurm as this job, for these reasons.
  case submitted(Job, Command, reasons: [String], job: String)
  /// A row that runs beside others printed a line.
  case printed(Job, String)
  /// A row came to its end.
  case ended(Job, JobResult)
}

/// How much is heard of the stages.
public enum Verbosity: Sendable {
  /// Only what they warn of.
  case quiet
  /// Progress and results.
  case normal
  /// Everything.
  case verbose

  /// What a stage is told.
  var flags: [String] {
    switch self {
    case .quiet: ["--quiet"]
    case .normal: []
    case .verbose: ["--verbose"]
    }
  }
}

/// What became of a row.
public enum JobResult: Equatable, Sendable {
  /// There was nothing to do.
  case fresh
  /// It was not asked for.
  case unselected
  /// It was made, for these reasons, in so many seconds.
  case made(reasons: [String], seconds: Double)
  /// It failed with this exit status.
  case failed(status: Int32)
  /// It was not tried, because these rows have no result.
  case skipped([String])
  /// It was not tried, because we were asked to stop.
  case stopped
  /// It was asked to stop and did.
  case interrupted
  /// Slurm has it, as this job.
  case queued(job: String)
}

/// Runs what is stale of a plan, each row after those that it reads. It never prints.
public struct Runner: Sendable {
  let plan: Plan
  let inspector: FreshnessChecker
  let children: ChildProcesses
  /// How many rows may run side by side.
  var jobs = 1
  /// Whether fresh rows are run, too.
  var force = false
  let verbosity: Verbosity
  let report: @Sendable (Event) -> Void

  /// A runner of `plan`.
  public init(
    inspector: FreshnessChecker, children: ChildProcesses, jobs: Int, force: Bool,
    verbosity: Verbosity = .normal,
    report: @escaping @Sendable (Event) -> Void
  ) {
    plan = inspector.plan
    self.inspector = inspector
    self.children = children
    self.jobs = jobs
    self.force = force
    self.verbosity = verbosity
    self.report = report
  }

  /// Runs the selected rows that are stale.
  /// - Parameter inspections: what ``FreshnessChecker/inspect()`` found.
  /// - Returns: the outcome of each row.
  public func run(_ inspections: [Freshness], selected: Set<Int>) async -> [JobResult] {
    var outcomes: [JobResult?] = plan.rows.map { selected.contains($0.index) ? nil : .unselected }
    var started = Set(plan.rows.indices).subtracting(selected)
    await withTaskGroup(of: (Int, JobResult).self) { group in
      var running = 0
      while true {
        for row in plan.rows where !started.contains(row.index) {
          guard row.upstream.allSatisfy({ outcomes[$0] != nil }) else { continue }
          let missing = row.upstream.filter { outcomes[$0]?.hasResult == false }
          if let outcome = outcomeWithoutRunning(missing) {
            started.insert(row.index)
            outcomes[row.index] = outcome
            report(.ended(row, outcome))
          } else if running < jobs {
            started.insert(row.index)
            running += 1
            group.addTask { (row.index, await settle(row, inspections)) }
          }
        }
        guard let (index, outcome) = await group.next() else { break }
        running -= 1
        outcomes[index] = outcome
        report(.ended(plan.rows[index], outcome))
      }
    }
    return outcomes.map { $0 ?? .stopped }
  }

  private func outcomeWithoutRunning(_ missing: [Int]) -> JobResult? {
    if children.signal != nil { return .stopped }
    return missing.isEmpty ? nil : .skipped(missing.map { plan.rows[$0].id }.unique)
  }

  /// Makes a row if it has to be made, which is looked up again if its inputs were made just now.
  private func settle(_ row: Job, _ inspections: [Freshness]) async -> JobResult {
    do {
      var now = inspections[row.index]
      if now.stamp != nil, row.upstream.contains(where: { !inspections[$0].isFresh }) {
        now = try await inspector.inspect(row)
      }
      if children.signal != nil { return .stopped }
      if case .refused(let message, let status) = now.state {
        report(.printed(row, message))
        return .failed(status: status)
      }
      if now.isFresh {
        guard force else {
          let key = try now.stamp?.fingerprint.digest() ?? ""
          AtomicDirectory.removeLeftovers(of: row.output) {
            CheckpointFile(path: $0, key: key).load() != nil
          }
          return .fresh
        }
        now.state = .stale(["--force"])
      }
      return try await make(row, now.reasons)
    } catch {
      report(.printed(row, "\(error)"))
      return .failed(status: ((error as? UserError)?.exitStatus ?? .software).rawValue)
    }
  }

  private func make(_ row: Job, _ reasons: [String]) async throws -> JobResult {
    let command = (verbosity.flags + (inspector.verify ? ["--verify"] : []))
      .reduce(row.command) { $0.adding($1) }
    report(.began(row, command, reasons: reasons))
    let start = Date()
    var line: (@Sendable (String) -> Void)?
    if jobs > 1, verbosity != .quiet { line = { [report] in report(.printed(row, $0)) } }
    let status = try await command.run(among: children, verbosity, line: line).exitStatus
    if status == 0 { return .made(reasons: reasons, seconds: -start.timeIntervalSinceNow) }
    return status == children.signal.map { 128 + $0 } ? .interrupted : .failed(status: status)
  }
}

extension JobResult {
  /// Whether rows that read this one can go on.
  var hasResult: Bool {
    switch self {
    case .fresh, .made, .unselected: true
    case .failed, .skipped, .stopped, .interrupted, .queued: false
    }
  }

  /// Whether Slurm has it.
  var isQueued: Bool { if case .queued = self { true } else { false } }
}
