import Foundation
import StageKit

/// Watches jobs until they end, asking Slurm now and then.
public struct SlurmMonitor: Sendable {
  /// How long to wait between two questions, at first and at most.
  static let pause = (first: 1, most: 15)
  /// How many questions in a row may go unanswered, as when the controller is started anew.
  static let patience = 40

  let folder: String
  /// Whether we were asked to leave the jobs alone.
  let isOver: @Sendable () -> Bool
  let report: @Sendable (Event) -> Void

  /// A follower of the jobs of the plan whose outputs lie in `folder`.
  public init(
    folder: String, isOver: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (Event) -> Void
  ) {
    self.folder = folder
    self.isOver = isOver
    self.report = report
  }

  /// Waits for the end of all rows that are queued.
  /// - Returns: the outcomes with theirs; rows that are still queued when ``isOver`` stay queued.
  func follow(_ outcomes: [JobResult], of plan: Plan) async throws -> [JobResult] {
    var outcomes = outcomes
    var (pause, silence) = (Self.pause.first, 0)
    var running: Set<Int> = []
    while outcomes.contains(where: \.isQueued), !isOver() {
      for _ in 0..<pause where !isOver() { try await Task.sleep(for: .seconds(1)) }
      pause = min(pause * 2, Self.pause.most)
      let record: SlurmState
      do {
        record = try await SlurmState(of: folder)
        silence = 0
      } catch {
        silence += 1
        if silence > Self.patience { throw error }
        continue
      }
      for row in plan.rows where outcomes[row.index].isQueued {
        guard let task = record.task(of: row) else { continue }
        if task.phase == .running, running.insert(row.index).inserted {
          report(.printed(row, "running as Slurm job \(task.id)"))
        }
        guard task.phase == .ended else { continue }
        outcomes[row.index] = outcome(of: row, task, outcomes, plan)
        report(.ended(row, outcomes[row.index]))
        pause = Self.pause.first
      }
    }
    return outcomes
  }

  private func outcome(
    of row: Job, _ task: SlurmTask, _ outcomes: [JobResult], _ plan: Plan
  ) -> JobResult {
    if task.hasStarted, task.status == 0 {
      return .made(reasons: [], seconds: Stamp(of: row.output)?.seconds ?? 0)
    }
    if task.hasFailed {
      for line in task.tail(5) { report(.printed(row, line)) }
      return .failed(status: task.status)
    }
    let missing = row.upstream.filter { !outcomes[$0].hasResult }.map { plan.rows[$0].id }
    return missing.isEmpty || task.hasStarted ? .interrupted : .skipped(missing.unique)
  }
}
