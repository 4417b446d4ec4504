import Foundation
import Support

/// Submits the stale jobs of a plan to Slurm: one Slurm job for each stage, an array for a matrix,
/// each depending on the jobs that it reads.
struct SlurmExecutor: Sendable {
  let checker: FreshnessChecker
  let slurm: SlurmState
  let options: RunOptions
  let children: ChildProcesses
  let report: @Sendable (Event) -> Void
  var plan: Plan { checker.plan }

  /// Submits the selected jobs that are stale and that Slurm does not have yet.
  /// - Returns: the state of each job, after its end if ``RunOptions/waits``.
  /// - Throws: ``UserError`` with exit status `unavailable` if Slurm rejects them, `temporary` if a
  ///   job is queued with another command line or another run is submitting.
  func run(_ freshness: [Freshness], selected: Set<Int>) async throws -> [JobState] {
    if let pending = slurm.pending.first { throw pending.beingSubmitted }
    var states: [JobState] = plan.jobs.map { selected.contains($0.index) ? .fresh : .unselected }
    var sources: [Int: SlurmSubmission.Source] = [:]
    for job in plan.jobs {
      guard let task = slurm.task(of: job), task.isActive else { continue }
      sources[job.index] = SlurmSubmission.Source(number: task.number, index: task.index)
      guard selected.contains(job.index) else { continue }
      let command = checker.command(of: job)
      guard task.command == command.line else {
        throw task.activeError(for: job, newCommand: command)
      }
      states[job.index] = .queued(slurmJob: task.id)
    }
    var taskCounts: [String: Int] = [:]
    for stage in plan.stages {
      let jobs = plan.jobs.filter { $0.stage == stage }.enumerated()
        .map { (job: $1, index: $0) }
        .filter { job, _ in
          states[job.index] == .fresh && (options.force || !freshness[job.index].isFresh)
        }
      var serial = slurm.submissions.last { $0.stage == stage }?.serial ?? 0
      for submission in SlurmSubmission.groups(of: jobs, sources: sources) {
        serial += 1
        let dependency = submission.dependency { taskCounts[$0] ?? slurm.taskCount(of: $0) }
        let number = try await submit(submission, serial, dependency)
        taskCounts[number] = submission.jobs.count
        for (job, index) in submission.jobs {
          sources[job.index] = SlurmSubmission.Source(number: number, index: index)
          let id = index.map { "\(number)_\($0)" } ?? number
          states[job.index] = .queued(slurmJob: id)
          let freshness = freshness[job.index]
          report(
            .submitted(
              job, checker.command(of: job),
              reasons: freshness.isFresh ? ["--force"] : freshness.reasons, slurmJob: id))
        }
      }
    }
    return options.waits ? try await monitor(states) : states
  }

  /// Submits jobs of one stage.
  /// - Returns: the number of the Slurm job.
  private func submit(
    _ submission: SlurmSubmission, _ serial: Int, _ dependency: String?
  ) async throws -> String {
    let stage = submission.jobs[0].job.stage
    let slurmJob = try SlurmJob(
      stage, serial: serial, in: slurm.directory,
      tasks: submission.jobs.map {
        SlurmJob.Task(job: $0.job.id, index: $0.index, command: checker.command(of: $0.job).line)
      })
    do {
      let script = slurmJob.scriptText(
        outputs: submission.jobs.map(\.job.output), requeue: options.requeue)
      try slurmJob.write(Data(script.utf8), to: slurmJob.script.lastPathName)
      let arguments = arguments(for: slurmJob, submission, dependency)
      let output = try await SlurmQueue.run("sbatch", arguments + [slurmJob.script])
      // On a federation of clusters, `;` and the cluster follow the number.
      let number = output.prefix { $0 != ";" && !$0.isNewline }
      try slurmJob.write(Data("\(number)\n".utf8), to: "id")
      return String(number)
    } catch var error as UserError {
      slurmJob.discard()
      error.location = "\(stage): \(error.location)"
      throw error
    }
  }

  private func arguments(
    for slurmJob: SlurmJob, _ submission: SlurmSubmission, _ dependency: String?
  ) -> [String] {
    let job = submission.jobs[0].job
    let resources = options.resources.merging(job.resources)
    let indices = submission.jobs.compactMap(\.index).map(String.init)
    let log = slurmJob.folder.replacing("%", with: "%%") + (indices.isEmpty ? "/0.log" : "/%a.log")
    let array = indices.joined(separator: ",") + (options.maxConcurrentJobs.map { "%\($0)" } ?? "")
    // The time left to save the state: up to a minute, and at most a quarter of a short job.
    let notice = min(60, (resources.seconds ?? .max) / 4)
    let flags: [(name: String, value: String?)] = [
      ("job-name", "\(plan.name)/\(job.stage)"),
      ("chdir", FileManager.default.currentDirectoryPath), ("output", log),
      ("open-mode", "append"), ("ntasks", "1"), ("cpus-per-task", resources[.cpus] ?? "1"),
      ("signal", "B:TERM@\(notice)"), ("kill-on-invalid-dep", "yes"),
      ("array", indices.isEmpty ? nil : array), ("dependency", dependency),
      ("partition", resources[.partition]), ("time", resources[.time]),
      ("mem", resources[.memory]), ("account", resources[.account]),
    ]
    return ["--parsable", options.requeue ? "--requeue" : "--no-requeue"]
      + flags.compactMap { name, value in value.map { "--\(name)=\($0)" } }
  }
}
