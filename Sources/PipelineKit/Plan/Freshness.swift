import Foundation
import StageKit
import Subprocess
import Support

/// The state of a job before a run, and what is known of its output.
public struct Freshness: Sendable {
  /// One of the first five states of ``JobState``.
  var state: JobState
  /// The stamp of the output; nil if there is none or it cannot be read.
  let stamp: Stamp?
  /// The process that is writing the output now, if any.
  let writer: String?
  /// The point at which the job was interrupted, such as `interrupted at epoch 15 of 40`; nil if it
  /// has saved no state, or one that this command does not resume.
  var interruption: String?
  /// The treatment of a state that this command does not resume.
  var obsoleteState: String?

  /// Whether the job has nothing to do.
  public var isFresh: Bool { state == .fresh }

  /// The message of an executable that rejects the options or inputs; nil if it accepts them.
  public var refusal: String? {
    if case .refused(let message, _) = state { message } else { nil }
  }

  /// The reasons to run the job, as phrases.
  var reasons: [String] {
    (state == .neverRun && interruption == nil ? state.reasons : []) + remarks
  }

  /// The same without “never run”.
  var remarks: [String] {
    let reasons = state == .neverRun ? [] : state.reasons
    return [interruption].compactMap { $0 } + reasons + [obsoleteState].compactMap { $0 }
  }
}

/// Determines which jobs of a plan are up to date.
public struct FreshnessChecker: Sendable {
  let plan: Plan
  /// Whether every input is read again, also those that look unchanged.
  let verify: Bool

  /// A checker of `plan`.
  public init(plan: Plan, verify: Bool = false) {
    self.plan = plan
    self.verify = verify
  }

  /// Checks all jobs: asks their executables concurrently for fingerprints and compares these with
  /// the stamps of the outputs.
  /// - Throws: ``UserError`` if an executable cannot be run.
  public func check() async throws -> [Freshness] {
    let results = try await concurrentMap(plan.jobs) { try await fingerprint(of: $0) }
    var freshness: [Freshness] = []
    for (job, result) in zip(plan.jobs, results) {
      let stale = job.upstream.filter { !freshness[$0].isFresh }.map { plan.jobs[$0].id }
      freshness.append(compare(job, result, staleInputs: stale.unique))
    }
    return freshness
  }

  /// Checks one job whose inputs are all up to date.
  func check(_ job: Job) async throws -> Freshness {
    compare(job, try await fingerprint(of: job), staleInputs: [])
  }

  /// `job.command`, with `--verify` if this checker verifies.
  func command(of job: Job) -> Command {
    verify ? job.command.adding("--verify") : job.command
  }

  private func fingerprint(of job: Job) async throws -> CommandResult {
    try await command(of: job).adding("--fingerprint").result()
  }

  private func compare(_ job: Job, _ result: CommandResult, staleInputs: [String]) -> Freshness {
    let stamp = Stamp(of: job.output)
    let fingerprint = try? JSONDecoder().decode(Fingerprint.self, from: result.output)
    var freshness = Freshness(
      state: state(of: job, stamp, result, fingerprint, staleInputs), stamp: stamp,
      writer: AtomicDirectory.writer(of: job.output))
    switch freshness.state {
    case .neverRun, .stale: describeSavedState(beside: job.output, fingerprint, in: &freshness)
    default: break
    }
    return freshness
  }

  /// - Parameter fingerprint: that of the job; nil if its inputs do not exist yet.
  private func describeSavedState(
    beside output: String, _ fingerprint: Fingerprint?, in freshness: inout Freshness
  ) {
    let path = AtomicDirectory.checkpointPath(of: output)
    let own = fingerprint.flatMap { try? CheckpointFile(path: path, fingerprint: $0).saved }
    guard let state = own ?? SavedState(path: path) else { return }
    if let fingerprint, own == nil {
      freshness.obsoleteState =
        "\(path) was interrupted at \(state.position) with other settings: "
        + state.changes(to: fingerprint).joined(separator: "; ")
    } else {
      freshness.interruption = "interrupted at \(state.position)"
    }
  }

  private func state(
    of job: Job, _ stamp: Stamp?, _ result: CommandResult, _ fingerprint: Fingerprint?,
    _ staleInputs: [String]
  ) -> JobState {
    let noInput = TerminationStatus.exited(UserError.ExitStatus.noInput.rawValue)
    if result.status == noInput, !staleInputs.isEmpty {
      return stamp == nil ? .neverRun : .waiting(staleInputs)
    }
    guard result.status == .exited(0), let fingerprint else {
      let message = result.error.trimmingCharacters(in: .whitespacesAndNewlines)
      return .refused(message, status: result.status.exitStatus)
    }
    guard let stamp else {
      return Stamp.exists(in: job.output) ? .stale(["made by an earlier version"]) : .neverRun
    }
    // The present content of a stale input is irrelevant: the job will read its new content.
    let changes =
      fingerprint.changes(since: stamp.fingerprint, ignoringInputs: !staleInputs.isEmpty)
      + stamp.problems(at: job.output, verify: verify)
    if !changes.isEmpty { return .stale(changes) }
    return staleInputs.isEmpty ? .fresh : .waiting(staleInputs)
  }
}

extension TerminationStatus {
  /// The exit status as a shell reports it: that of the process, or 128 plus the signal's number.
  var exitStatus: Int32 {
    switch self {
    case .exited(let status): status
    case .signaled(let signal): 128 + signal
    }
  }
}
