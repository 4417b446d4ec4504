import Dispatch
import Shards
import Synchronization

/// Runs batches through the network, data-parallel over threads and processes.
///
/// A batch is split into a fixed number of micro-batches. One thread computes a micro-batch from end
/// to end, and gradients are summed micro-batch by micro-batch in one order, so the numbers of threads
/// and processes do not change the result.
package final class DataParallelRunner<R: Real> {
  let parameters: Parameters<R>
  /// The workspaces of the micro-batches that this process computes.
  private let microBatches: [MicroBatch<R>]
  private var inputCache: FrozenInputCache<R>?
  private let weights: PackedTaskWeights<R>
  private let candidates: PackedCandidates<R>
  /// The task whose encoder weights are packed, and whether for both directions.
  private var packed: (task: String, backward: Bool)?
  /// Whether no parameter changes any more, so that the weights of a task are packed once, and the
  /// inputs of its cell are cached.
  private let isConstant: Bool
  private let threads: Int
  private let communicator: any Communicator
  /// The number of micro-batches of a batch, and which of them this process computes.
  private let microBatchCount: Int, ownMicroBatches: Range<Int>

  /// - Parameters:
  ///   - microBatches: the number of micro-batches; changes the rounding of results.
  ///   - threads: the number of threads; does not change results.
  ///   - communicator: the processes that share the micro-batches; does not change results.
  ///   - isFrozen: whether the encoder's weights and the word vectors never change, so that their
  ///     products can be cached; does not change results.
  ///   - isConstant: whether no parameter changes any more; does not change results.
  ///   - precision: the precision of matrix products.
  @_specialize(where R == Float)
  package init(
    _ parameters: Parameters<R>, microBatches: Int, threads: Int,
    communicator: any Communicator = SingleProcess(), isFrozen: Bool = false,
    isConstant: Bool = false, precision: ProductPrecision = .float32
  ) {
    self.parameters = parameters
    (weights, candidates) = (PackedTaskWeights(precision), PackedCandidates(precision))
    (self.threads, self.isConstant) = (threads, isConstant)
    self.communicator = communicator
    microBatchCount = microBatches
    ownMicroBatches = communicator.share(of: microBatches)
    self.microBatches = ownMicroBatches.map { _ in MicroBatch(parameters) }
    inputCache = isFrozen ? FrozenInputCache(parameters) : nil
  }

  /// Runs a batch forward and backward and puts the gradients of the mean loss into `gradients`.
  /// - Parameter trainsWeights: whether the encoder's weights and the word vectors are trained.
  @_specialize(where R == Float)
  package func forwardBackward(
    _ batch: Batch, dropout: (any DropoutSource & Sendable)?, trainsWeights: Bool,
    into gradients: Gradients<R>
  ) -> BatchMetrics {
    let task = batch.shard.task
    let parts = Array(
      batch.split(into: microBatchCount).dropFirst(ownMicroBatches.lowerBound)
        .prefix(ownMicroBatches.count))
    let packsEncoder = trainsWeights || packed?.task != task || packed?.backward != true
    guard
      let network = network(
        for: task, backward: true, packsEncoder: packsEncoder, candidates: batch.candidates)
    else { return BatchMetrics() }
    inputCache?.insert(
      batch.shard, parts.flatMap(\.indices), maxLength: batch.maxLength, weights: weights,
      threads: threads)
    let microBatches = microBatches
    parallelFor(parts.count, threads: threads) { index in
      microBatches[index].forwardBackward(
        parts[index], of: batch, network, dropout: dropout, trainsWeights: trainsWeights)
    }
    let batchParts = min(microBatchCount, batch.indices.count)
    return gradients.reduce(
      parts.indices.map { microBatches[$0] }, task: task, words: trainsWeights, threads: threads,
      communicator: communicator,
      isPresent: { [communicator, microBatchCount] in
        communicator.participates($0, in: batchParts, microBatches: microBatchCount)
      })
  }

  /// Computes the class probabilities of all rows of a shard, [rows, C], and their metrics, without
  /// dropout.
  /// - Parameters:
  ///   - maxLength: the maximum number of tokens of a row; the rest is cut off.
  ///   - asLogits: whether the results are logits and not probabilities.
  @_specialize(where R == Float)
  package func predict(
    _ shard: TokenShard, maxLength: Int, asLogits: Bool = false
  ) -> (probabilities: [R], metrics: BatchMetrics) {
    // The result of a row does not depend on its batch, so batches are as large as is efficient and
    // as small as keeps all threads busy.
    let workers = min(threads, microBatches.count)
    let rows = min(64, max(1, (shard.count + workers - 1) / workers))
    let batches = Batch.sortedByLength(shard, rows: rows, maxLength: maxLength)
    let results = AlignedBuffer<R>(shard.count * shard.classNames.count, filledWith: 0)
    let rowMetrics = AlignedBuffer<BatchMetrics>(shard.count, filledWith: BatchMetrics())
    guard let network = network(for: shard.task, backward: false, packsEncoder: true) else {
      return (results.array, BatchMetrics())
    }
    inputCache?.insert(
      shard, 0..<shard.count, maxLength: maxLength, weights: weights, threads: threads)
    nonisolated(unsafe) let (probabilities, metrics) = (results.start, rowMetrics.start)
    forEachBatch(batches) { microBatch, index in
      microBatch.predict(
        batches[index], network, asLogits: asLogits, into: probabilities, metrics)
    }
    communicator.allReduceSum(results.start, results.count)
    communicator.allReduceSum(rowMetrics)
    return (results.array, rowMetrics.array.reduce(BatchMetrics(), +))
  }

  /// Predicts each word of a shard but the first of a row from the words before it, among all words
  /// of the vocabulary and without dropout.
  /// - Parameter maxLength: the maximum number of tokens of a row; the rest is cut off.
  @_specialize(where R == Float)
  package func predictWords(_ shard: TokenShard, maxLength: Int) -> BatchMetrics {
    let batches = Batch.sortedByLength(shard, rows: 32, maxLength: maxLength)
    let batchMetrics = AlignedBuffer<BatchMetrics>(batches.count, filledWith: BatchMetrics())
    guard
      let network = network(
        for: shard.task, backward: false, packsEncoder: true,
        candidates: .all(parameters.vocabularySize))
    else { return BatchMetrics() }
    nonisolated(unsafe) let metrics = batchMetrics.start
    forEachBatch(batches) { microBatch, index in
      metrics[index] = microBatch.predictWords(batches[index], network)
    }
    communicator.allReduceSum(batchMetrics)
    return batchMetrics.array.reduce(BatchMetrics(), +)
  }

  /// Calls `body` with the index of each batch on one of the threads of one of the processes, to which
  /// batches are dealt out in turn. Each thread uses the memory of one micro-batch, and takes the next
  /// batch when it has finished one.
  private func forEachBatch(
    _ batches: [Batch], _ body: @Sendable (MicroBatch<R>, _ index: Int) -> Void
  ) {
    let (microBatches, communicator) = (microBatches, communicator)
    let workers = min(threads, microBatches.count)
    let next = Atomic(communicator.rank)
    parallelFor(workers, threads: threads) { worker in
      while true {
        let index = next.wrappingAdd(communicator.count, ordering: .relaxed).oldValue
        guard index < batches.count else { return }
        body(microBatches[worker], index)
      }
    }
  }

  /// The network of a task with weights packed as they are now, or nil if there is no such task.
  /// - Parameters:
  ///   - packsEncoder: whether to pack the encoder's weights, too. While they are frozen, once is
  ///     enough.
  ///   - words: the words among which a language model predicts the next one.
  private func network(
    for task: String, backward: Bool, packsEncoder: Bool, candidates words: Candidates? = nil
  ) -> TaskNetwork<R>? {
    guard let offsets = parameters.layout.tasks[task] else { return nil }
    if !isConstant || packed?.task != task || packed?.backward != backward {
      weights.pack(
        parameters, offsets, backward: backward, encoder: packsEncoder, threads: threads)
      if isConstant, inputCache != nil, packed?.task != task {
        inputCache = FrozenInputCache(parameters, task: task)
      }
      if packsEncoder { packed = (task, backward) }
    }
    var network = TaskNetwork(parameters, offsets, weights, inputCache: inputCache)
    if let words {
      candidates.pack(words, parameters, bias: offsets.headBias, backward: backward)
      network.candidates = candidates
    }
    return network
  }
}

/// Calls `body` with each index below `count` on at most `threads` threads. A thread takes the next
/// index when it has finished one, which balances work items of unequal size.
package func parallelFor(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
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
