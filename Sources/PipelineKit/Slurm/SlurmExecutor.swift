import Foundation
import Safetensors
import Support

/// Hands the stale rows of a plan to Slurm: a job for each stage, an array for the rows of a matrix,
/// each waiting for what it reads. It returns when all are handed over, or follows them.
public struct SlurmExecutor: Executor {
  let inspector: FreshnessChecker
  let record: SlurmState
  /// Resources that go before those of the manifest.
  let resources: Resources
  /// The most rows of an array that may run side by side.
  let jobs: Int?
  let force: Bool
  let requeue: Bool
  /// What watches the jobs to their end, if they are to be watched.
  let follower: SlurmMonitor?
  let report: @Sendable (Event) -> Void

  /// An executor of what `record` does not hold yet; that must have been read before the
  /// inspection, so that a job that ends in between is not taken for one that was never submitted.
  public init(
    inspector: FreshnessChecker, record: SlurmState, resources: Resources, jobs: Int?, force: Bool,
    requeue: Bool, follower: SlurmMonitor?, report: @escaping @Sendable (Event) -> Void
  ) {
    self.inspector = inspector
    self.record = record
    self.resources = resources
    self.jobs = jobs
    self.force = force
    self.requeue = requeue
    self.follower = follower
    self.report = report
  }

  /// Submits the selected rows that are stale, and not queued or running yet.
  /// - Throws: ``UserError`` of kind `unavailable` if Slurm refuses them, `temporary` if a row is
  ///   queued with another command line or another run is submitting.
  public func run(_ inspections: [Freshness], selected: Set<Int>) async throws -> [JobResult] {
    let plan = inspector.plan
    if let job = record.pending.first { throw job.beingSubmitted }
    var outcomes: [JobResult] = plan.rows.map { selected.contains($0.index) ? .fresh : .unselected }
    var sources: [Int: SlurmSubmission.Source] = [:]
    var sizes: [String: Int] = [:]
    for row in plan.rows {
      guard let task = record.task(of: row), task.isLive else { continue }
      sources[row.index] = SlurmSubmission.Source(job: task.job, index: task.index)
      guard selected.contains(row.index) else { continue }
      guard task.command == command(of: row).line else { throw outdated(row, task) }
      outcomes[row.index] = .queued(job: task.id)
    }
    for stage in plan.stages {
      let rows = plan.rows.filter { $0.stage == stage }.enumerated()
        .map { (row: $1, place: $0) }.filter { row, _ in
          outcomes[row.index] == .fresh && (force || !inspections[row.index].isFresh)
        }
      var number = record.jobs.last { $0.stage == stage }?.number ?? 0
      for batch in SlurmSubmission.batches(of: rows, sources: sources) {
        number += 1
        let id = try await submit(batch, number) { sizes[$0] ?? record.size(of: $0) }
        sizes[id] = batch.rows.count
        for (row, index) in batch.rows {
          sources[row.index] = SlurmSubmission.Source(job: id, index: index)
          let job = index.map { "\(id)_\($0)" } ?? id
          outcomes[row.index] = .queued(job: job)
          let reasons =
            inspections[row.index].isFresh ? ["--force"] : inspections[row.index].reasons
          report(.submitted(row, command(of: row), reasons: reasons, job: job))
        }
      }
    }
    return try await follower?.follow(outcomes, of: plan) ?? outcomes
  }

  private func command(of row: Job) -> Command {
    inspector.verify ? row.command.adding("--verify") : row.command
  }

  private func outdated(_ row: Job, _ task: SlurmTask) -> UserError {
    UserError(
      .temporary, at: row.id,
      problem: "it is \(task.phase) as Slurm job \(task.id) with another command line",
      expected: command(of: row).line,
      hint: "wait for it (pipeline status), or cancel it: pipeline cancel")
  }

  /// Submits the `number`th job of a stage.
  /// - Returns: the number that Slurm gives it.
  private func submit(
    _ batch: SlurmSubmission, _ number: Int, size: (String) -> Int
  ) async throws -> String {
    let rows = batch.rows.map(\.row)
    let tasks = batch.rows.map {
      SlurmJob.Task(row: $0.row.id, index: $0.index, command: command(of: $0.row).line)
    }
    let job = try SlurmJob(rows[0].stage, number: number, on: record.shelf, tasks: tasks)
    do {
      let script = SlurmScript(job: job, rows: rows, requeue: requeue)
      try job.write(Data(script.text.utf8), to: job.script.lastPathName)
      let arguments = arguments(of: job, batch, dependency: batch.dependency(size: size))
      let answer = try await SlurmQueue.ask("sbatch", arguments + [job.script])
      // With several clusters, the number and the cluster.
      let id = answer.prefix { $0 != ";" && !$0.isNewline }
      try job.write(Data("\(id)\n".utf8), to: "id")
      return String(id)
    } catch var refusal as UserError {
      job.discard()
      refusal.location = "\(rows[0].stage): \(refusal.location)"
      throw refusal
    }
  }

  private func arguments(
    of job: SlurmJob, _ batch: SlurmSubmission, dependency: String?
  ) -> [String] {
    let row = batch.rows[0].row
    let asked = resources.over(row.resources)
    let isArray = batch.rows[0].index != nil
    let log = job.folder.replacing("%", with: "%%") + (isArray ? "/%a.log" : "/0.log")
    // Time enough to keep the state, and no great part of a short job.
    let notice = min(60, (asked.seconds ?? .max) / 4)
    let numbers = batch.rows.compactMap(\.index).map(String.init).joined(separator: ",")
    let options: [(String, String?)] = [
      ("job-name", "\(inspector.plan.name)/\(row.stage)"),
      ("chdir", FileManager.default.currentDirectoryPath), ("output", log),
      ("open-mode", "append"), ("ntasks", "1"), ("cpus-per-task", "\(asked.cpus ?? 1)"),
      ("signal", "B:TERM@\(notice)"), ("kill-on-invalid-dep", "yes"),
      ("array", isArray ? numbers + (jobs.map { "%\($0)" } ?? "") : nil),
      ("dependency", dependency), ("partition", asked.partition), ("time", asked.time),
      ("mem", asked.memory), ("account", asked.account),
    ]
    return ["--parsable", requeue ? "--requeue" : "--no-requeue"]
      + options.compactMap { name, value in value.map { "--\(name)=\($0)" } }
  }
}
