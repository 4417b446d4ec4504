import Dispatch
import Shards
import Synchronization

/// Runs batches on several threads and processes.
///
/// A batch is split into a fixed number of micro-batches. One thread computes a micro-batch from start
/// to end, and gradients are summed in a fixed order, so the numbers of threads and processes do not
/// change any result.
final class DataParallelRunner<R: Real> {
  let parameters: Parameters<R>
  private let microBatches: [MicroBatch<R>]
  /// The input projections, if neither the encoder's weights nor the word vectors are trained.
  private let frozen: FrozenInputCache<R>?
  private let weights = PackedTaskWeights<R>()
  /// The task whose encoder weights are packed, and whether for both directions.
  private var packed: (task: String, backward: Bool)?
  private let threads: Int
  private let crew: any Communicator
  private let microBatchCount: Int
  /// The micro-batches that this process computes.
  private let localRange: Range<Int>

  /// - Parameters:
  ///   - microBatches: the number of parts of a batch; changes results by rounding.
  ///   - threads: the number of threads; does not change results.
  ///   - crew: the processes that share the micro-batches; does not change results.
  ///   - isFrozen: whether neither the encoder's weights nor the word vectors will change; does not
  ///     change results.
  init(
    _ parameters: Parameters<R>, microBatches: Int, threads: Int,
    crew: any Communicator = SingleProcess(),
    isFrozen: Bool = false
  ) {
    self.parameters = parameters
    self.threads = threads
    self.crew = crew
    microBatchCount = microBatches
    localRange = crew.share(of: microBatches)
    self.microBatches = localRange.map { _ in MicroBatch(parameters) }
    frozen = isFrozen ? FrozenInputCache(parameters) : nil
  }

  /// Computes the gradients of a batch's mean loss.
  /// - Parameter trainsWeights: whether the encoder's weights and the word vectors are trained.
  func learn(
    _ batch: Batch, dropout: (any DropoutSource & Sendable)?, trainsWeights: Bool,
    into gradients: Gradients<R>
  ) -> BatchMetrics {
    let parts = Array(
      batch.split(into: microBatchCount).dropFirst(localRange.lowerBound).prefix(localRange.count))
    pack(
      batch.shard.task, backward: true,
      encoder: trainsWeights || packed?.task != batch.shard.task || packed?.backward != true)
    frozen?.insert(
      batch.shard, parts.flatMap(\.indices), maxLength: batch.maxLength, weights: weights,
      threads: threads)
    let (microBatches, weights, frozen) = (microBatches, weights, frozen)
    parallelFor(parts.count, threads: threads) { index in
      microBatches[index].learn(
        parts[index], of: batch, weights: weights, dropout: dropout, trainsWeights: trainsWeights,
        frozen: frozen)
    }
    let used = parts.indices.map { microBatches[$0] }
    let partCount = min(microBatchCount, batch.indices.count)
    return gradients.reduce(
      used, task: batch.shard.task, words: trainsWeights, threads: threads, crew: crew,
      isPresent: { crew.hasAny($0, of: partCount, microBatches: microBatchCount) })
  }

  /// Classifies all rows of a shard, without dropout.
  /// - Parameter maxLength: the number of tokens after which rows are truncated.
  /// - Returns: the probabilities, [rows, classes], and the metrics.
  func predict(_ shard: TokenShard, maxLength: Int) -> (probabilities: [R], metrics: BatchMetrics) {
    // The result of a row does not depend on its batch, so batches are large enough for efficient
    // products and small enough to occupy all threads.
    let workers = min(threads, microBatches.count)
    let rows = min(64, max(1, (shard.count + workers - 1) / workers))
    let batches = Batch.sortedByLength(shard, rows: rows, maxLength: maxLength)
    let results = AlignedBuffer<R>(shard.count * shard.classNames.count, filledWith: 0)
    let metrics = AlignedBuffer<BatchMetrics>(shard.count, filledWith: BatchMetrics())
    nonisolated(unsafe) let (probabilities, rowMetrics) = (results.start, metrics.start)
    // Each worker has its own micro-batch memory; batches are distributed cyclically to the workers of
    // all processes.
    pack(shard.task, backward: false, encoder: true)
    frozen?.insert(
      shard, 0..<shard.count, maxLength: maxLength, weights: weights, threads: threads)
    let (microBatches, weights, frozen, crew) = (microBatches, weights, frozen, crew)
    parallelFor(workers, threads: threads) { worker in
      let first = crew.rank * workers + worker
      for index in stride(from: first, to: batches.count, by: crew.count * workers) {
        microBatches[worker].predict(
          batches[index], weights: weights, frozen: frozen, into: probabilities, rowMetrics)
      }
    }
    crew.merge(results.start, results.count)
    crew.merge(metrics)
    return (results.array, metrics.array.reduce(BatchMetrics(), +))
  }

  /// Packs the current weights of a task.
  private func pack(_ task: String, backward: Bool, encoder: Bool) {
    guard let layout = parameters.layout.tasks[task] else { return }
    weights.pack(
      parameters, layout, backward: backward, encoder: encoder, threads: threads)
    if encoder { packed = (task, backward) }
  }
}

/// Calls `body` with each index below `count` on at most `threads` threads. A thread takes the next
/// index when it has finished one, which balances work items of unequal size.
func parallelFor(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
  let workers = min(threads, count)
  guard workers > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}
