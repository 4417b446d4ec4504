import Foundation
import Support

/// What is known of the job that makes, or should have made, a row.
public struct SlurmTask: Sendable {
  /// How far it is.
  public enum Phase: Equatable, Sendable {
    /// Slurm has it and has not started it.
    case queued
    /// It runs.
    case running
    /// It came to its end, whichever.
    case ended
  }

  /// How far it is.
  public var phase: Phase
  /// The number of its job.
  var job: String
  /// Its number within the array; none in a job that is no array.
  var index: Int?
  /// Slurm's word for why it waits, or for how it ended while Slurm remembers.
  var note: String
  /// What it runs.
  var command: String
  /// The file with what it printed.
  public var log: String
  /// Its exit status, if it lived to leave one.
  var exit: Int32?
  /// Whether we cancelled it.
  var isCancelled: Bool

  /// As Slurm's commands take it: `12`, or `12_3` in an array.
  public var id: String { index.map { "\(job)_\($0)" } ?? job }

  /// Whether Slurm still has to do with it.
  public var isLive: Bool { phase != .ended }

  /// Whether it was started at all.
  var hasStarted: Bool { exit != nil || FileManager.default.fileExists(atPath: log) }

  /// Whether it ended otherwise than well, of itself.
  var hasFailed: Bool {
    phase == .ended && hasStarted && !isCancelled && status != 0
  }

  /// Its exit status; that of a killed process if it left none.
  var status: Int32 { exit ?? (note == "COMPLETED" ? 0 : 128 + SIGKILL) }

  /// How it failed, in words.
  var failure: String {
    if !["", "FAILED", "COMPLETED"].contains(note) { return "Slurm says \(note)" }
    return exit.map { "exit status \($0)" } ?? "killed, or its machine died"
  }

  /// The last lines that it printed.
  func tail(_ count: Int) -> [String] {
    guard let file = FileHandle(forReadingAtPath: log), let end = try? file.seekToEnd() else {
      return []
    }
    defer { try? file.close() }
    let most: UInt64 = 4096
    try? file.seek(toOffset: end > most ? end - most : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).suffix(count).map {
      escapingControlCharacters(String($0))
    }
  }
}

extension SlurmTask.Phase {
  /// The phase behind Slurm's word for a state.
  init(_ state: String) {
    switch state {
    case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT":
      self = .queued
    case "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING":
      self = .running
    default: self = .ended
    }
  }
}
