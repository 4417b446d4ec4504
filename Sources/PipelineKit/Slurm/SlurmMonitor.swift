import StageKit

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
