import Foundation
import StageKit
import Support

/// A job and its state, for programs: the elements of `run --json` and `status --json`.
public struct JobRecord: Codable, Equatable, Sendable {
  var stage: String
  var id: String
  /// The state before a run, for `status`.
  var state: String?
  /// The state after a run, for `run`.
  var outcome: String?
  /// The reasons for the state.
  var reasons: [String]
  /// The output folder.
  var output: String
  /// The command line.
  var command: String
  /// The process that is writing the output.
  var writer: String?
  /// When the output was made.
  var made: Date?
  /// The duration of the run that made the output.
  var seconds: Double?
  /// The peak memory of that run, in bytes.
  var peakBytes: Int?
  /// The exit status of a failure.
  var exitStatus: Int32?
  /// The number of the Slurm job.
  var slurmJob: String?
  /// The log of the Slurm job.
  var log: String?
  /// The last lines of the log, if the Slurm job failed.
  var lastLines: [String]?

  private enum CodingKeys: String, CodingKey {
    case stage, id = "row", state, outcome, reasons, output, command, writer, made, seconds
    case peakBytes, exitStatus = "status", slurmJob = "job", log, lastLines = "tail"
  }

  private init(_ job: Job, reasons: [String]) {
    stage = job.stage
    id = job.id
    self.reasons = reasons
    output = job.output
    command = job.command.line
  }

  /// A job after a run.
  init(_ job: Job, after state: JobState) {
    self.init(job, reasons: state.reasons)
    outcome = state.name
    switch state {
    case .made(_, let seconds): self.seconds = seconds
    case .failed(let status): exitStatus = status
    case .queued(let slurmJob): self.slurmJob = slurmJob
    default: break
    }
  }

  /// A job before a run.
  init(_ job: Job, before freshness: Freshness) {
    self.init(job, reasons: freshness.remarks)
    let state = freshness.interruption == nil ? freshness.state : .interrupted
    self.state = freshness.writer == nil ? state.name : JobState.running.name
    writer = freshness.writer
    made = freshness.stamp?.started
    seconds = freshness.stamp?.seconds
    peakBytes = freshness.stamp?.peakBytes
  }

  /// Replaces the state by that of a Slurm job that is active, or failed with the same command.
  fileprivate mutating func update(from task: SlurmTask) {
    guard task.isActive || task.hasFailed && task.command == command else { return }
    state = task.state.name
    slurmJob = task.id
    log = task.log
    lastLines = task.hasFailed ? task.lastLines(5) : nil
    let slurm = "Slurm job \(task.id)" + (task.detail.isEmpty ? "" : ": \(task.detail)")
    reasons = [slurm] + (task.hasFailed ? reasons : [])
  }

  /// The first reason on one line, and the number of others.
  fileprivate var remark: String {
    let first = (slurmJob == nil ? writer : nil) ?? reasons.first ?? ""
    let line = first.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return escapingControlCharacters(line)
      + (reasons.count > 1 ? "; and \(reasons.count - 1) more" : "")
  }
}

extension Plan {
  /// The jobs after a run.
  public func records(after states: [JobState]) -> [JobRecord] {
    zip(jobs, states).map { JobRecord($0, after: $1) }
  }

  /// The jobs before a run.
  public func records(before freshness: [Freshness], slurm: SlurmState? = nil) -> [JobRecord] {
    zip(jobs, freshness).map { job, freshness in
      var record = JobRecord(job, before: freshness)
      if let task = slurm?.task(of: job), task.isActive || !freshness.isFresh {
        record.update(from: task)
      }
      return record
    }
  }
}

extension [JobRecord] {
  /// The table of `pipeline status`, followed by the ends of the logs of failed Slurm jobs.
  public var statusTable: String {
    let lines = map { job in
      [
        job.id, job.state ?? "", job.made.map(localTime) ?? "-",
        job.seconds.map(NumberFormat.duration) ?? "-",
        job.peakBytes.map(NumberFormat.bytes) ?? "-", job.remark,
      ]
    }
    let failures = compactMap { job in
      job.lastLines.map { lines in
        (["", "\(job.id) failed; the end of \(job.log ?? ""):"] + lines.map { "  | \($0)" })
          .joined(separator: "\n")
      }
    }
    let table = TextTable.text([["stage", "state", "made", "took", "memory", ""]] + lines)
    return ([table] + failures).joined(separator: "\n")
  }
}

/// A date in the local time zone, such as `2026-01-31 14:05`.
private func localTime(_ date: Date) -> String {
  let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current)
  return String(style.format(date).prefix(16))
}

extension Plan {
  /// The summary of a run: one line per job, or for all folds of a stage, and the folders of the
  /// results.
  public func summary(after states: [JobState]) -> String {
    if states.allSatisfy({ $0 == .fresh || $0 == .unselected }) {
      let all = states.contains(.unselected) ? "everything selected" : "every stage"
      return "Nothing to do: \(all) is up to date.\n" + resultLines
    }
    let table = TextTable.text(stages.flatMap { summaryRows(of: $0, after: states) })
    if states.contains(where: \.isQueued) {
      return table + "\npipeline status shows their progress; pipeline cancel cancels them."
    }
    let isComplete = states.allSatisfy { $0.hasResult && $0 != .unselected }
    return isComplete ? "\(table)\n\(resultLines)" : table
  }

  private func summaryRows(of stage: String, after states: [JobState]) -> [[String]] {
    let jobs = jobs.filter { $0.stage == stage }
    let seconds = jobs.compactMap { states[$0.index].seconds }
    guard jobs.allSatisfy(\.isFold), seconds.count == jobs.count else {
      return jobs.map { [$0.id, states[$0.index].phrase] }
    }
    return [
      [stage, "\(jobs.count) folds made in \(NumberFormat.duration(seconds.reduce(0, +)))"]
    ]
  }

  private var resultLines: String {
    results.prefix(5).map { "The result is in \($0.output)" }.joined(separator: "\n")
  }

  /// The jobs that would run, with reasons and command lines.
  public func dryRun(_ freshness: [Freshness], due: Set<Int>, force: Bool) -> String {
    if due.isEmpty { return "Nothing to do: everything selected is up to date." }
    return due.sorted().map { index in
      let reason =
        switch freshness[index].state {
        case .fresh: "--force"
        case .waiting(let inputs) where !force: "runs if its input changes: \(inputs.listed)"
        default: freshness[index].reasons.joined(separator: "; ")
        }
      return
        "\(jobs[index].id): \(escapingControlCharacters(reason))\n  \(jobs[index].command.line)"
    }.joined(separator: "\n")
  }
}
