import Foundation
import StageKit
import Subprocess
import Safetensors
import Support

/// What is known of a row before anything is run.
public struct Freshness: Sendable {
  /// Whether the output is what the command would write.
  public enum State: Equatable, Sendable {
    /// The output is there and nothing that shapes it has changed.
    case fresh
    /// It has to be made, for these reasons.
    case stale([String])
    /// It may have to be made: what it reads, these rows, will be made first.
    case waiting([String])
    /// The executable refuses these options or inputs, with this message.
    case refused(String, status: Int32)
  }

  /// The reason where there is no output yet.
  static let neverRun = "never run"
  /// The reason where the stamp is of an earlier version, or damaged.
  static let earlierVersion = "made by an earlier version"

  /// Whether it is fresh.
  public var state: State
  /// The note beside the output, if there is an output.
  public var stamp: Stamp?
  /// Who is writing the output at this moment.
  public var writer: String?

  /// Whether there is nothing to do.
  public var isFresh: Bool { state == .fresh }

  /// The reasons to make it, as phrases.
  public var reasons: [String] {
    switch state {
    case .fresh: []
    case .stale(let reasons): reasons
    case .waiting(let rows): rows.map { "its input \($0) will be remade" }
    case .refused(let message, _): [message]
    }
  }
}

/// Finds out which rows of a plan are fresh.
public struct FreshnessChecker: Sendable {
  /// The plan.
  public let plan: Plan
  /// Whether every input is read again, also those that look unchanged.
  public let verify: Bool

  /// An inspector of `plan`.
  public init(plan: Plan, verify: Bool = false) {
    self.plan = plan
    self.verify = verify
  }

  /// Asks the executables of all rows for their fingerprints, side by side, and compares them with
  /// those of the outputs.
  /// - Throws: ``UserError`` if an executable cannot be run.
  public func inspect() async throws -> [Freshness] {
    let answers = try await concurrently(plan.rows) { try await answer(of: $0) }
    var inspections: [Freshness] = []
    for (row, answer) in zip(plan.rows, answers) {
      let stale = row.upstream.filter { !inspections[$0].isFresh }.map { plan.rows[$0].id }
      inspections.append(judge(row, answer, stale: stale.unique))
    }
    return inspections
  }

  /// Looks at one row whose inputs are all made.
  func inspect(_ row: Job) async throws -> Freshness {
    judge(row, try await answer(of: row), stale: [])
  }

  private func answer(of row: Job) async throws -> Command.Answer {
    let command = verify ? row.command.adding("--verify") : row.command
    return try await command.adding("--fingerprint").answer()
  }

  private func judge(_ row: Job, _ answer: Command.Answer, stale: [String]) -> Freshness {
    let stamp = Stamp(of: row.output)
    func inspection(_ state: Freshness.State) -> Freshness {
      Freshness(state: state, stamp: stamp, writer: AtomicDirectory.writer(of: row.output))
    }
    let noInput = TerminationStatus.exited(UserError.ExitStatus.noInput.rawValue)
    if answer.status == noInput, !stale.isEmpty {
      return inspection(stamp == nil ? .stale([Freshness.neverRun]) : .waiting(stale))
    }
    guard answer.status == .exited(0),
      let now = try? JSONDecoder().decode(Fingerprint.self, from: answer.output)
    else {
      let text = answer.error.trimmingCharacters(in: .whitespacesAndNewlines)
      return inspection(.refused(text, status: answer.status.exitStatus))
    }
    guard let stamp else {
      let isEarlier = Stamp.exists(in: row.output)
      return inspection(.stale([isEarlier ? Freshness.earlierVersion : Freshness.neverRun]))
    }
    // The current content of a stale input says nothing about the content that will be read.
    let changes =
      now.changes(since: stamp.fingerprint, ignoringInputs: !stale.isEmpty)
      + stamp.problems(at: row.output, verify: verify)
    if !changes.isEmpty { return inspection(.stale(changes)) }
    return inspection(stale.isEmpty ? .fresh : .waiting(stale))
  }
}

extension TerminationStatus {
  /// As a shell counts it: the status itself, or 128 and the number of the signal.
  var exitStatus: Int32 {
    switch self {
    case .exited(let status): status
    case .signaled(let signal): 128 + signal
    }
  }
}

extension [String] {
  /// Each string once, at its first place.
  var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
