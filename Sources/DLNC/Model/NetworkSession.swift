import Shards

/// A trained network that classifies rows of a task again and again: what follows from its parameters alone
/// is computed once.
///
/// `@unchecked Sendable`: one thread uses it at a time.
public final class NetworkSession: @unchecked Sendable {
  /// The name of the task.
  public let task: String
  /// The number of threads, which does not change any result.
  public let threads: Int
  private let model: Model
  private let runner: DataParallelRunner<Float>

  /// A session of a task; the parameters of the network must not change any more.
  public init(_ model: Model, _ task: String, threads: Int) {
    (self.model, self.task, self.threads) = (model, task, threads)
    runner = DataParallelRunner(
      model.parameters, microBatches: threads, threads: threads, isFrozen: true,
      isConstant: true, precision: model.precision)
  }

  /// The class probabilities of each row of a shard, as ``Classifier/classifyUncalibrated(_:threads:)``.
  /// - Throws: ``UserError`` with exit status `data` if the network does not know the shard's task and
  ///   classes.
  public func classify(_ shard: TokenShard) throws -> [Float] {
    try model.checkRows(shard)
    return model.predict(shard, by: runner).probabilities
  }
}
