import Support

/// The state of a job.
///
/// Before a run, ``FreshnessChecker`` puts every job into one of the first five states. A run leaves
/// `fresh` jobs as they are and takes each other selected job to one of the states below;
/// jobs that were not selected become `unselected`.
public enum JobState: Equatable, Sendable {
  /// Up to date: fingerprint and files match the stamp, and all inputs are fresh.
  case fresh
  /// There is no output.
  case neverRun
  /// There is an output, and the options, inputs, program or files have changed: the reasons.
  case stale([String])
  /// The output matches, but these jobs that it reads are not fresh, so it may become stale.
  case waiting([String])
  /// The executable rejects the options or inputs, with this message and exit status.
  case refused(String, status: Int32)

  /// Not part of the run.
  case unselected
  /// Submitted to Slurm, under this number, and not started.
  case queued(slurmJob: String)
  /// Executing.
  case running
  /// Finished: the command succeeded, after this time.
  case made(reasons: [String], seconds: Double)
  /// The command failed with this exit status.
  case failed(status: Int32)
  /// Not started, because these jobs that it reads have no result.
  case skipped([String])
  /// Not started, because the run was stopped first.
  case stopped
  /// Started, and ended by the signal that stopped the run. In `status`: a job that has saved its
  /// state.
  case interrupted

  /// Whether there is an output that other jobs can read.
  public var hasResult: Bool {
    switch self {
    case .fresh, .made, .unselected: true
    default: false
    }
  }

  /// The duration of a job that was made.
  var seconds: Double? { if case .made(_, let seconds) = self { seconds } else { nil } }

  /// Whether Slurm has not started it.
  var isQueued: Bool { if case .queued = self { true } else { false } }

  /// The reasons for the state, as phrases.
  var reasons: [String] {
    switch self {
    case .neverRun: ["never run"]
    case .stale(let reasons), .made(let reasons, _): reasons
    case .waiting(let inputs): inputs.map { "its input \($0) will be remade" }
    case .refused(let message, _): [message]
    case .skipped(let missing): missing.map { "needs \($0)" }
    default: []
    }
  }

  /// The name in tables and JSON.
  var name: String {
    switch self {
    case .fresh: "fresh"
    case .neverRun: "never run"
    case .stale: "stale"
    case .waiting: "waiting"
    case .refused: "refused"
    case .unselected: "unselected"
    case .queued: "queued"
    case .running: "running"
    case .made: "made"
    case .failed: "failed"
    case .skipped: "skipped"
    case .stopped: "stopped"
    case .interrupted: "interrupted"
    }
  }

  /// The phrase in the summary of a run.
  public var phrase: String {
    switch self {
    case .fresh: "up to date"
    case .unselected: "not selected"
    case .queued(let job): "queued as Slurm job \(job)"
    case .made(_, let seconds): "made in \(NumberFormat.duration(seconds))"
    case .failed(let status): "failed with exit status \(status)"
    case .skipped(let missing): "skipped, needs \(missing.listed)"
    case .stopped: "not started"
    case .interrupted: "interrupted; run again to resume"
    case .neverRun, .stale, .waiting, .refused, .running: name
    }
  }
}

/// An event of a run; the receiver decides what is printed.
public enum Event: Sendable {
  /// A job was started, with this command and for these reasons.
  case started(Job, Command, reasons: [String])
  /// A job was submitted to Slurm under this number.
  case submitted(Job, Command, reasons: [String], slurmJob: String)
  /// A job printed a line.
  case printed(Job, String)
  /// A job reached its final state.
  case ended(Job, JobState)
  /// All jobs of a stage with folds reached their final states; those that ran took this time.
  case endedFolds(stage: String, count: Int, seconds: Double)
}
