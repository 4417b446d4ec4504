import ArgumentParser
import PipelineKit

/// Where stages run.
enum ExecutorKind: String, CaseIterable, ExpressibleByArgument {
  /// On this machine.
  case local
  /// As jobs of Slurm.
  case slurm
}

/// The flags for a cluster.
struct ClusterOptions: ParsableArguments {
  @Option(help: "Where the stages run.")
  var executor = ExecutorKind.local
  @Flag(help: "With Slurm: follow the jobs to their end instead of returning once all are queued.")
  var wait = false
  @Flag(
    help: "With Slurm: a training that is out of time keeps its state and goes back into the queue."
  )
  var requeue = false
  @Option(help: "With Slurm: the partition of all stages, whatever the manifest says.")
  var partition: String?
  @Option(help: "The same for the time limit: 90 (minutes), 2:00:00, 1-12 (days and hours).")
  var time: String?
  @Option(help: "The same for memory: 4G, 500M.")
  var memory: String?
  @Option(help: "The same for the number of processors.")
  var cpus: String?
  @Option(help: "The same for the account.")
  var account: String?

  /// What the flags ask of the cluster.
  /// - Throws: `ValidationError` of a value that is nothing of the kind.
  func resources() throws -> Resources {
    var resources = Resources()
    for (key, text) in zip(Resources.keys, [partition, time, memory, cpus, account]) {
      guard let text, let expected = resources.set(key, to: text) else { continue }
      throw ValidationError("--\(key) is “\(text)”; it must be \(expected).")
    }
    return resources
  }

  func validate() throws {
    _ = try resources()
    let given = [partition, time, memory, cpus, account].contains { $0 != nil }
    if executor == .local, wait || requeue || given {
      throw ValidationError(
        "--wait, --requeue, --partition, --time, --memory, --cpus and --account go with "
          + "--executor slurm.")
    }
  }
}
