import DLNC
import Shards
import Synchronization

/// The sessions of the tasks of a network that no thread uses at present. A thread takes one, or makes one
/// if there is none, and returns it.
final class SessionPool: Sendable {
  private let idle = Mutex<[NetworkSession]>([])

  /// The probabilities of the classes without the temperature of the task, [rows, classes].
  func classify(_ shard: TokenShard, _ model: any Classifier, threads: Int) throws -> [Float] {
    guard let network = model as? Model else {
      return try model.classifyUncalibrated(shard, threads: threads).probabilities
    }
    let session =
      take(shard.task, threads: threads) ?? NetworkSession(network, shard.task, threads: threads)
    defer { idle.withLock { $0.append(session) } }
    return try session.classify(shard)
  }

  private func take(_ task: String, threads: Int) -> NetworkSession? {
    idle.withLock { idle in
      idle.lastIndex { $0.task == task && $0.threads == threads }.map { idle.remove(at: $0) }
    }
  }
}
