import Foundation
import StageKit
import Support

/// The state of a plan's jobs according to Slurm and the folders of the submissions.
public struct SlurmState: Sendable {
  /// The folder of the submissions.
  let directory: String
  /// All submissions, the earlier ones of a stage before the later ones.
  let submissions: [SlurmJob]
  /// The submissions without a Slurm job: being made by another run, or abandoned by it.
  private(set) var pending: [SlurmJob] = []
  /// The latest task for each job.
  private var tasks: [String: SlurmTask] = [:]

  /// Reads the submissions of the plan with outputs in `folder`, and asks Slurm if there are any.
  /// - Throws: ``UserError`` with exit status `unavailable` if Slurm does not respond.
  public init(of folder: String) async throws {
    directory = SlurmJob.directory(in: folder)
    submissions = SlurmJob.all(in: directory)
    // Without Slurm, only the outputs show how the jobs ended.
    guard !submissions.isEmpty, let entries = try await SlurmQueue.entries() else { return }
    let entriesByScript = Dictionary(grouping: entries, by: \.script)
    for submission in submissions {
      let entries = entriesByScript[submission.script] ?? []
      guard let number = submission.number ?? entries.first?.number else {
        pending.append(submission)
        continue
      }
      for task in submission.tasks {
        let entry = entries.first { $0.index == task.index }
        tasks[task.job] = SlurmTask(task, of: submission, number: number, entry)
      }
    }
  }

  /// The latest task for a job.
  func task(of job: Job) -> SlurmTask? { tasks[job.id] }

  /// The number of tasks of a Slurm job.
  func taskCount(of number: String) -> Int {
    submissions.first { $0.number == number }?.tasks.count ?? 0
  }

  /// Checks that Slurm has none of the selected jobs.
  /// - Throws: ``UserError`` with exit status `temporary`.
  func requireInactive(_ plan: Plan, selected: Set<Int>) throws {
    for job in plan.jobs where selected.contains(job.index) {
      guard let task = task(of: job), task.isActive else { continue }
      throw task.activeError(for: job)
    }
  }

  /// Cancels the active Slurm jobs of this plan.
  /// - Returns: the identifiers of the cancelled jobs.
  public func cancel() async throws -> [String] {
    let active = tasks.filter { $0.value.isActive }
    guard !active.isEmpty else { return [] }
    for submission in submissions {
      for task in submission.tasks where active[task.job]?.log == submission.log(of: task) {
        try submission.markCancelled(task)
      }
    }
    _ = try await SlurmQueue.run("scancel", active.values.map(\.id).sorted())
    return active.keys.sorted()
  }
}

/// A job as a Slurm job, or as one task of an array.
struct SlurmTask: Sendable {
  /// The number of the Slurm job.
  let number: String
  /// The index in the array; nil if it is not an array.
  let index: Int?
  let command: String
  /// The file with the output of the command.
  let log: String
  /// One of `queued`, `running`, `made` (without duration), `failed`, `interrupted` (cancelled while
  /// it ran) and `stopped` (cancelled before it started).
  private(set) var state = JobState.running
  /// Slurm's reason for waiting, or the cause of a failure; may be empty.
  private(set) var detail = ""

  /// A task of a submission.
  /// - Parameter entry: its line in Slurm's queue, or nil if Slurm does not remember it.
  init(_ task: SlurmJob.Task, of submission: SlurmJob, number: String, _ entry: SlurmQueue.Entry?) {
    self.number = number
    index = task.index
    command = task.command
    log = submission.log(of: task)
    switch entry?.state ?? "" {
    case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT":
      state = .queued(slurmJob: id)
      detail = entry?.reason ?? ""
    case "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING":
      state = .running
    case let name:
      let exitStatus = submission.exitStatus(of: task)
      // A killed process leaves no exit status.
      let status = exitStatus ?? (name == "COMPLETED" ? 0 : 128 + SIGKILL)
      if exitStatus == nil, !FileManager.default.fileExists(atPath: log) {
        state = .stopped
      } else if status == 0 {
        state = .made(reasons: [], seconds: 0)
      } else if submission.isCancelled(task) {
        state = .interrupted
      } else {
        state = .failed(status: status)
        detail =
          ["", "FAILED", "COMPLETED"].contains(name)
          ? exitStatus.map { "exit status \($0)" } ?? "killed, or its machine died"
          : "Slurm says \(name)"
      }
    }
  }

  /// The identifier for Slurm's commands: `12`, or `12_3` in an array.
  var id: String { index.map { "\(number)_\($0)" } ?? number }

  var isActive: Bool { state == .running || state.isQueued }
  var hasFailed: Bool { if case .failed = state { true } else { false } }

  /// The error for a job that cannot be run because Slurm has it.
  /// - Parameter command: the command line that the job would have now, if it has changed.
  func activeError(for job: Job, newCommand: Command? = nil) -> UserError {
    UserError(
      .temporary, at: job.id,
      problem: "it is \(state.name) as Slurm job \(id)"
        + (newCommand == nil ? "" : " with another command line"),
      expected: newCommand?.line,
      hint: "wait for it (pipeline status), or cancel it: pipeline cancel")
  }

  /// The last lines of the log.
  func lastLines(_ count: Int) -> [String] {
    guard let file = FileHandle(forReadingAtPath: log), let end = try? file.seekToEnd() else {
      return []
    }
    defer { try? file.close() }
    let maxSize: UInt64 = 4096
    try? file.seek(toOffset: end > maxSize ? end - maxSize : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).suffix(count).map {
      escapingControlCharacters(String($0))
    }
  }
}

/// Slurm's commands.
enum SlurmQueue {
  /// A job, or one task of an array, as listed by `squeue`.
  struct Entry {
    /// The number of the Slurm job.
    let number: String
    /// The index in the array; nil if it is not an array.
    let index: Int?
    /// The state, such as `PENDING`.
    let state: String
    /// The reason for waiting or for the end.
    let reason: String
    /// The path of the submitted script.
    let script: String
  }

  /// The jobs of this user that Slurm remembers, including those that ended recently; nil if Slurm
  /// is not installed.
  /// - Throws: ``UserError`` with exit status `unavailable` if Slurm does not respond.
  static func entries() async throws -> [Entry]? {
    guard path(of: "squeue") != nil else { return nil }
    let text = try await run(
      "squeue",
      ["--noheader", "--array", "--states=all", "--user=\(getuid())", "--format=%F|%K|%T|%r|%o"])
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
        .map(String.init)
      guard parts.count == 5 else { return nil }
      return Entry(
        number: parts[0], index: Int(parts[1]), state: parts[2], reason: parts[3], script: parts[4])
    }
  }

  /// Runs one of Slurm's commands.
  /// - Returns: its standard output.
  /// - Throws: ``UserError`` with exit status `unavailable` if it does not exist or fails.
  static func run(_ name: String, _ arguments: [String]) async throws -> String {
    guard let executable = path(of: name) else {
      throw UserError(
        .unavailable, at: name, problem: "there is no such program on PATH",
        hint: "run this where Slurm's commands are installed, or leave out --executor slurm")
    }
    let result = try await Command(executable: executable, arguments: arguments).result()
    guard result.status == .exited(0) else {
      let text = result.error.trimmingCharacters(in: .whitespacesAndNewlines)
      throw UserError(
        .unavailable, at: name, problem: text.isEmpty ? "failed without a message" : text,
        hint: "queued jobs stay queued; correct the cause and run the command again")
    }
    return String(decoding: result.output, as: UTF8.self)
  }

  private static func path(of name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }
}

extension SlurmExecutor {
  /// The seconds between two requests to Slurm: at first, doubling up to the maximum.
  private static let interval = (initial: 1, max: 15)
  /// The number of consecutive requests that may fail, for example while the controller restarts.
  private static let maxFailures = 40

  /// Waits until all queued jobs have ended, or a signal asks this process to stop.
  /// - Returns: the states with those of the ended jobs.
  func monitor(_ states: [JobState]) async throws -> [JobState] {
    var states = states
    var interval = Self.interval.initial
    var failures = 0
    var running: Set<Int> = []
    while states.contains(where: \.isQueued), children.signal == nil {
      for _ in 0..<interval where children.signal == nil {
        try await Task.sleep(for: .seconds(1))
      }
      interval = min(interval * 2, Self.interval.max)
      let slurm: SlurmState
      do {
        slurm = try await SlurmState(of: plan.folder)
        failures = 0
      } catch {
        failures += 1
        if failures > Self.maxFailures { throw error }
        continue
      }
      for job in plan.jobs where states[job.index].isQueued {
        guard let task = slurm.task(of: job) else { continue }
        if task.state == .running, running.insert(job.index).inserted {
          report(.printed(job, "running as Slurm job \(task.id)"))
        }
        guard !task.isActive else { continue }
        states[job.index] = finalState(of: job, task, states)
        report(.ended(job, states[job.index]))
        interval = Self.interval.initial
      }
    }
    return states
  }

  private func finalState(of job: Job, _ task: SlurmTask, _ states: [JobState]) -> JobState {
    switch task.state {
    case .made:
      return .made(reasons: [], seconds: Stamp(of: job.output)?.seconds ?? 0)
    case .failed:
      for line in task.lastLines(5) { report(.printed(job, line)) }
      return task.state
    case .stopped:
      let missing = job.upstream.filter { !states[$0].hasResult }.map { plan.jobs[$0].id }
      return missing.isEmpty ? .interrupted : .skipped(missing.unique)
    default: return task.state
    }
  }
}
