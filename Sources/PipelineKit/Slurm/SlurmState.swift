import Foundation
import Safetensors
import Support

/// What Slurm and the folders of its jobs know of a plan's rows at one moment.
public struct SlurmState: Sendable {
  let shelf: String
  /// The jobs that are noted; the later ones of a stage behind the earlier ones.
  let jobs: [SlurmJob]
  /// The latest task of each row.
  private var tasks: [String: SlurmTask] = [:]
  /// Jobs that were neither submitted nor given up.
  private(set) var pending: [SlurmJob] = []

  /// Reads what is noted for the plan whose outputs lie in `folder`, and asks Slurm if anything is.
  /// - Throws: ``UserError`` of kind `unavailable` if Slurm does not answer.
  public init(of folder: String) async throws {
    shelf = SlurmJob.shelf(in: folder)
    jobs = SlurmJob.all(on: shelf)
    // Without Slurm there is nothing to be known of its jobs but what became of the outputs.
    guard !jobs.isEmpty, let entries = try await SlurmQueue.entries() else { return }
    let known = Dictionary(grouping: entries, by: \.script)
    for job in jobs {
      let entries = known[job.script] ?? []
      guard let id = job.id ?? entries.first?.job else {
        pending.append(job)
        continue
      }
      for task in job.tasks {
        let entry = entries.first { $0.index == task.index }
        let phase = entry.map { SlurmTask.Phase($0.state) } ?? .ended
        tasks[task.row] = SlurmTask(
          phase: phase, job: id, index: task.index,
          note: (phase == .queued ? entry?.reason : entry?.state) ?? "", command: task.command,
          log: job.log(of: task), exit: phase == .ended ? job.exit(of: task) : nil,
          isCancelled: job.isCancelled(task))
      }
    }
  }

  /// The latest task that was to make a row.
  public func task(of row: Job) -> SlurmTask? { tasks[row.id] }

  /// How many tasks a job has.
  func size(of id: String) -> Int { jobs.first { $0.id == id }?.tasks.count ?? 0 }

  /// Refuses to run rows here that Slurm is going to run, or running.
  /// - Throws: ``UserError`` of kind `temporary`.
  public func refuseLive(_ rows: [Job]) throws {
    for row in rows {
      guard let task = task(of: row), task.isLive else { continue }
      throw UserError(
        .temporary, at: row.id, problem: "it is \(task.phase) as Slurm job \(task.id)",
        hint: "wait for it (pipeline status), or cancel it: pipeline cancel")
    }
  }

  /// Cancels what Slurm still has of these jobs, and of no others.
  /// - Returns: the rows.
  public func cancel() async throws -> [String] {
    let live = tasks.filter { $0.value.isLive }
    guard !live.isEmpty else { return [] }
    for job in jobs {
      for task in job.tasks where live[task.row]?.log == job.log(of: task) { try job.cancel(task) }
    }
    _ = try await SlurmQueue.ask("scancel", live.values.map(\.id).sorted())
    return live.keys.sorted()
  }
}
