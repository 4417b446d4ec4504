import Foundation
import StageKit
import Safetensors
import Support

/// The state of one row, for programs.
public struct JobStatus: Codable, Equatable, Sendable {
  /// The stage.
  public var stage: String
  /// The row of the stage.
  public var row: String
  /// `fresh`, `stale`, `never run`, `waiting`, `refused`, `queued`, `running` or
  /// `failed`.
  public var state: String
  /// Why it is not fresh.
  public var reasons: [String]
  /// The folder of its output.
  public var output: String
  /// What it runs.
  public var command: String
  /// Who is writing the output at this moment.
  public var writer: String?
  /// When the output was made.
  public var made: Date?
  /// How long that took.
  public var seconds: Double?
  /// The most memory that it held, in bytes.
  public var peakBytes: Int?
  /// The Slurm job that makes it, or failed to.
  public var job: String?
  /// The file with what that job printed.
  public var log: String?
  /// The last lines of it, if the job failed.
  public var tail: [String]?
}

extension Plan {
  /// The state of every row.
  /// - Parameter slurm: what is known of the jobs that make the rows.
  public func statuses(
    _ inspections: [Freshness], slurm: SlurmState? = nil
  ) -> [JobStatus] {
    zip(rows, inspections).map { row, inspection in
      var status = JobStatus(
        stage: row.stage, row: row.id, state: inspection.word,
        reasons: inspection.isNeverRun ? [] : inspection.reasons, output: row.output,
        command: row.command.line, writer: inspection.writer, made: inspection.stamp?.started,
        seconds: inspection.stamp?.seconds, peakBytes: inspection.stamp?.peakBytes)
      if let task = slurm?.task(of: row), task.isLive || !inspection.isFresh {
        status.add(task)
      }
      return status
    }
  }
}

extension Freshness {
  fileprivate var isNeverRun: Bool { stamp == nil && state == .stale([Self.neverRun]) }

  fileprivate var word: String {
    if writer != nil { return "running" }
    if isNeverRun { return "never run" }
    switch state {
    case .fresh: return "fresh"
    case .stale: return "stale"
    case .waiting: return "waiting"
    case .refused: return "refused"
    }
  }
}

extension [JobStatus] {
  /// A table for the eye: state, when it was made, how long that took, memory, reason.
  public var table: String {
    let lines = map { row in
      [
        row.row, row.state, row.made.map(localTime) ?? "-",
        row.seconds.map(NumberFormat.duration) ?? "-",
        row.peakBytes.map(NumberFormat.bytes) ?? "-", row.remark,
      ]
    }
    let failures = compactMap { row in
      row.tail.map { tail in
        (["", "\(row.row) failed; the end of \(row.log ?? ""):"] + tail.map { "  | \($0)" })
          .joined(separator: "\n")
      }
    }
    let table = TextTable.text([["stage", "state", "made", "took", "memory", ""]] + lines)
    return ([table] + failures).joined(separator: "\n")
  }
}

extension JobStatus {
  /// What a job says of a row: one that Slurm has, or one that failed at this same command.
  fileprivate mutating func add(_ task: SlurmTask) {
    guard task.isLive || task.hasFailed && task.command == command else { return }
    job = task.id
    log = task.log
    switch task.phase {
    case .queued: state = "queued"
    case .running: state = "running"
    case .ended:
      state = "failed"
      tail = task.tail(5)
    }
    let what = task.phase == .ended ? task.failure : task.phase == .queued ? task.note : ""
    reasons = ["Slurm job \(task.id)" + (what.isEmpty ? "" : ": \(what)")]
  }

  /// The first reason in a line, and how many there are besides.
  fileprivate var remark: String {
    let first = job == nil ? writer ?? reasons.first ?? "" : reasons.first ?? ""
    let line = first.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return escapingControlCharacters(line)
      + (reasons.count > 1 ? "; and \(reasons.count - 1) more" : "")
  }
}

/// A moment in the reader's time zone, as `2026-01-31 14:05`.
private func localTime(_ date: Date) -> String {
  let calendar = Calendar(identifier: .gregorian)
  let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
  func padded(_ value: Int?, _ width: Int = 2) -> String {
    let digits = String(value ?? 0)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  let day = [padded(parts.year, 4), padded(parts.month), padded(parts.day)]
  return day.joined(separator: "-") + " \(padded(parts.hour)):\(padded(parts.minute))"
}
