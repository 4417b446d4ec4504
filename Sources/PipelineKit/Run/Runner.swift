import Foundation
import StageKit
import Support
import Synchronization

/// Where jobs are run.
public enum ExecutorKind: String, CaseIterable, Sendable {
  /// On this machine.
  case local
  /// As Slurm jobs.
  case slurm
}

/// The options of a run.
public struct RunOptions: Sendable {
  /// Where jobs are run.
  public var executor = ExecutorKind.local
  /// The number of jobs that may run at the same time; nil for one, or for no limit with Slurm.
  public var maxConcurrentJobs: Int?
  /// Whether fresh jobs are run, too.
  public var force = false
  /// How much the stages print.
  public var verbosity = Log.Level.normal
  /// With Slurm: resources that replace those of the manifest.
  public var resources = Resources()
  /// With Slurm: whether a job that ran out of time and saved its state is queued again.
  public var requeue = false
  /// With Slurm: whether to wait for the end of the jobs.
  public var waits = false

  /// The default options.
  public init() {}
}

extension Log.Level {
  /// The flags of a stage.
  fileprivate var flags: [String] {
    switch self {
    case .warnings: ["--quiet"]
    case .normal: []
    case .details: ["--verbose"]
    }
  }
}

extension FreshnessChecker {
  /// Brings the selected jobs up to date, on this machine or with Slurm.
  /// - Parameters:
  ///   - freshness: the result of ``check()``.
  ///   - slurm: the state of Slurm, read before freshness was checked: a job that ends in between
  ///     must not be taken for one that was never submitted.
  ///   - report: receives the events of the run, concurrently.
  /// - Returns: the state of each job after the run.
  /// - Throws: ``UserError`` with exit status `temporary` if Slurm has a selected job, `unavailable`
  ///   if Slurm rejects a job.
  public func run(
    _ freshness: [Freshness], selected: Set<Int>, slurm: SlurmState, options: RunOptions,
    children: ChildProcesses, report: @escaping @Sendable (Event) -> Void
  ) async throws -> [JobState] {
    switch options.executor {
    case .local:
      try slurm.requireInactive(plan, selected: selected)
      return await Runner(checker: self, options: options, children: children, report: report)
        .run(freshness, selected: selected)
    case .slurm:
      return try await SlurmExecutor(
        checker: self, slurm: slurm, options: options, children: children, report: report
      ).run(freshness, selected: selected)
    }
  }
}

/// Runs the stale jobs of a plan as child processes, each after those that it reads.
struct Runner: Sendable {
  let checker: FreshnessChecker
  let options: RunOptions
  let children: ChildProcesses
  let report: @Sendable (Event) -> Void
  private let warnings = ReportedWarnings()
  private var plan: Plan { checker.plan }

  init(
    checker: FreshnessChecker, options: RunOptions, children: ChildProcesses,
    report: @escaping @Sendable (Event) -> Void
  ) {
    (self.checker, self.options, self.children, self.report) = (checker, options, children, report)
  }

  /// Runs the selected jobs that are not fresh.
  /// - Returns: the final state of each job.
  func run(_ freshness: [Freshness], selected: Set<Int>) async -> [JobState] {
    var states: [JobState?] = plan.jobs.map { selected.contains($0.index) ? nil : .unselected }
    var started = Set(plan.jobs.indices).subtracting(selected)
    await withTaskGroup(of: (Int, JobState).self) { group in
      var runningCount = 0
      while true {
        for job in plan.jobs where !started.contains(job.index) {
          guard job.upstream.allSatisfy({ states[$0] != nil }) else { continue }
          let missing = job.upstream.filter { states[$0]?.hasResult == false }
          if let state = stateWithoutRunning(missing) {
            started.insert(job.index)
            end(job, state, &states)
          } else if runningCount < options.maxConcurrentJobs ?? 1 {
            started.insert(job.index)
            runningCount += 1
            group.addTask { (job.index, await finish(job, freshness)) }
          }
        }
        guard let (index, state) = await group.next() else { break }
        runningCount -= 1
        end(plan.jobs[index], state, &states)
      }
    }
    return states.map { $0 ?? .stopped }
  }

  private func end(_ job: Job, _ state: JobState, _ states: inout [JobState?]) {
    states[job.index] = state
    report(.ended(job, state))
    guard job.isFold else { return }
    let folds = plan.jobs.filter { $0.stage == job.stage }.map { states[$0.index] }
    let seconds = folds.compactMap { $0?.seconds }
    guard !folds.contains(nil), !seconds.isEmpty else { return }
    report(
      .endedFolds(stage: job.stage, count: seconds.count, seconds: seconds.reduce(0, +)))
  }

  private func stateWithoutRunning(_ missing: [Int]) -> JobState? {
    if children.signal != nil { return .stopped }
    return missing.isEmpty ? nil : .skipped(missing.map { plan.jobs[$0].id }.unique)
  }

  /// Brings a job up to date. If its inputs have just been made, it is checked again.
  private func finish(_ job: Job, _ freshness: [Freshness]) async -> JobState {
    do {
      var current = freshness[job.index]
      if current.stamp != nil, job.upstream.contains(where: { !freshness[$0].isFresh }) {
        current = try await checker.check(job)
      }
      if children.signal != nil { return .stopped }
      if case .refused(let message, let status) = current.state {
        report(.printed(job, message))
        return .failed(status: status)
      }
      if current.isFresh {
        guard options.force else {
          let key = try current.stamp?.fingerprint.digest()
          AtomicDirectory.removeLeftovers(of: job.output) { SavedState(path: $0)?.key == key }
          return .fresh
        }
        current.state = .stale(["--force"])
      }
      return try await execute(job, current.reasons)
    } catch {
      report(.printed(job, "\(error)"))
      return .failed(status: ((error as? UserError)?.exitStatus ?? .software).rawValue)
    }
  }

  private func execute(_ job: Job, _ reasons: [String]) async throws -> JobState {
    var command = job.command
    command.arguments += options.verbosity.flags + (checker.verify ? ["--verify"] : [])
    report(.started(job, command, reasons: reasons))
    let start = Date()
    let isQuiet = options.verbosity == .warnings
    var onLine: (@Sendable (String) -> Void)?
    // Folds print nearly the same.
    let fold = job.isFold && options.verbosity == .normal ? CollectedOutput() : nil
    if let fold {
      onLine = { fold.append($0) }
    } else if options.maxConcurrentJobs ?? 1 > 1, !isQuiet {
      onLine = { [report] in report(.printed(job, $0)) }
    }
    let status = try await command.run(among: children, discardsOutput: isQuiet, onLine: onLine)
      .exitStatus
    for line in fold?.lines ?? [] where status != 0 || warnings.isNewWarning(line) {
      report(.printed(job, line))
    }
    if status == 0 { return .made(reasons: reasons, seconds: -start.timeIntervalSinceNow) }
    return status == children.signal.map { 128 + $0 } ? .interrupted : .failed(status: status)
  }
}

/// The output of a job, of which only a part is reported when it has ended.
final class CollectedOutput: Sendable {
  private let content = Mutex<[String]>([])

  var lines: [String] { content.withLock { $0 } }

  func append(_ line: String) { content.withLock { $0.append(line) } }
}

/// The warnings of jobs that differ in the fold only, each of which is reported once.
final class ReportedWarnings: Sendable {
  private let known = Mutex<Set<String>>([])

  /// Whether a line is a warning of a stage and was not asked for before.
  func isNewWarning(_ line: String) -> Bool {
    line.contains(#/^[a-z-]+: warning: /#) && known.withLock { $0.insert(line).inserted }
  }
}
