import Foundation
import StageKit
import Support

/// How one row ended, for programs.
public struct JobRecord: Codable, Equatable, Sendable {
  /// The stage.
  public var stage: String
  /// The row of the stage.
  public var row: String
  /// `fresh`, `unselected`, `made`, `failed`, `skipped`, `stopped`, `interrupted` or
  /// `queued`.
  public var outcome: String
  /// Why it is not otherwise, if there is something to say.
  public var reasons: [String]
  /// The folder of its output.
  public var output: String
  /// What it runs.
  public var command: String
  /// How long it ran.
  public var seconds: Double?
  /// The exit status of a failure.
  public var status: Int32?
  /// The Slurm job that makes it.
  public var job: String?
}

extension Plan {
  /// The outcomes for programs.
  public func records(_ outcomes: [JobResult]) -> [JobRecord] {
    zip(rows, outcomes).map { row, outcome in
      var record = JobRecord(
        stage: row.stage, row: row.id, outcome: outcome.word, reasons: [], output: row.output,
        command: row.command.line)
      switch outcome {
      case .made(let reasons, let seconds):
        record.reasons = reasons
        record.seconds = seconds
      case .failed(let status): record.status = status
      case .skipped(let missing): record.reasons = missing.map { "needs \($0)" }
      case .queued(let job): record.job = job
      case .fresh, .unselected, .stopped, .interrupted: break
      }
      return record
    }
  }

  /// One line a row, and where the results lie.
  public func conclusion(_ outcomes: [JobResult]) -> String {
    if outcomes.allSatisfy({ $0 == .fresh || $0 == .unselected }) {
      let all = outcomes.contains(.unselected) ? "everything selected" : "every stage"
      return "Nothing to do: \(all) is up to date.\n" + resultLines
    }
    let table = TextTable.text(zip(rows, outcomes).map { [$0.id, $1.phrase] })
    let isWhole = outcomes.allSatisfy { $0.hasResult && $0 != .unselected }
    if outcomes.contains(where: \.isQueued) {
      return table + "\npipeline status tells how far the jobs are, pipeline cancel ends them."
    }
    return table + (isWhole ? "\n" + resultLines : "")
  }

  private var resultLines: String {
    results.prefix(5).map { "The result is in \($0.output)" }.joined(separator: "\n")
  }

  /// What would be run and why, with the command lines.
  public func dryRun(_ inspections: [Freshness], due: Set<Int>, force: Bool) -> String {
    if due.isEmpty { return "Nothing to do: everything selected is up to date." }
    return due.sorted().map { index in
      let inspection = inspections[index]
      let why =
        switch inspection.state {
        case .fresh: "--force"
        case .waiting(let rows) where !force: "runs if \(rows.listed) comes out otherwise"
        default: inspection.reasons.joined(separator: "; ")
        }
      return "\(rows[index].id): \(escapingControlCharacters(why))\n  \(rows[index].command.line)"
    }.joined(separator: "\n")
  }
}

extension JobResult {
  var word: String {
    switch self {
    case .fresh: "fresh"
    case .unselected: "unselected"
    case .made: "made"
    case .failed: "failed"
    case .skipped: "skipped"
    case .stopped: "stopped"
    case .interrupted: "interrupted"
    case .queued: "queued"
    }
  }

  fileprivate var phrase: String {
    switch self {
    case .fresh: "up to date"
    case .unselected: "not selected"
    case .made(_, let seconds): "made in \(NumberFormat.duration(seconds))"
    case .failed(let status): "failed with exit status \(status)"
    case .skipped(let missing): "skipped, needs \(missing.listed)"
    case .stopped: "not started"
    case .interrupted: "interrupted; run again to go on"
    case .queued(let job): "with Slurm as job \(job)"
    }
  }
}
