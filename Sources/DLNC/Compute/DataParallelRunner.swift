import Shards

/// The whole network at work: runs batches through encoder and classifier, slice by slice.
///
/// A batch is cut into a fixed number of slices. One thread computes a slice from end to end and
/// gradients are added up slice by slice in one order, so the number of threads, and of processes,
/// changes no byte of a result.
final class DataParallelRunner<R: Real> {
  let parameters: Parameters<R>
  private let microBatches: [MicroBatch<R>]
  /// The words' inputs, if neither the encoder's weights nor the vectors ever change.
  private let frozen: FrozenInputCache<R>?
  private let weights = PackedTaskWeights<R>()
  /// The task whose weights are packed, and whether for both directions.
  private var packed: (task: String, backward: Bool)?
  private let threads: Int
  private let crew: any Communicator
  /// Into how many slices a batch is cut, and which of them this process computes.
  private let cut: Int, share: Range<Int>

  /// - Parameters:
  ///   - slices: into how many parts a batch is cut; shapes results, in the last digits.
  ///   - threads: how many of them are computed at once; shapes no result.
  ///   - crew: the processes that share the slices out; shapes no result.
  ///   - isFrozen: whether neither the encoder's weights nor the word vectors change from now on;
  ///     shapes no result.
  init(
    _ parameters: Parameters<R>, microBatches: Int, threads: Int,
    crew: any Communicator = SingleProcess(),
    isFrozen: Bool = false
  ) {
    self.parameters = parameters
    self.threads = threads
    self.crew = crew
    (cut, share) = (microBatches, crew.share(of: microBatches))
    self.microBatches = share.map { _ in MicroBatch(parameters) }
    frozen = isFrozen ? FrozenInputCache(parameters) : nil
  }

  /// Runs a batch forward and backward.
  /// - Parameter trainsWeights: whether the encoder's weights and the word vectors learn.
  /// - Returns: what the batch gave; the mean loss's gradients are added up in `gradients`.
  func learn(
    _ batch: Batch, dropout: (any DropoutSource & Sendable)?, trainsWeights: Bool,
    into gradients: Gradients<R>
  ) -> BatchMetrics {
    let parts = Array(batch.cut(into: cut).dropFirst(share.lowerBound).prefix(share.count))
    pack(
      batch.shard.task, backward: true,
      encoder: trainsWeights || packed?.task != batch.shard.task || packed?.backward != true)
    frozen?.meet(
      batch.shard, parts.flatMap(\.indices), longest: batch.longest, weights: weights,
      threads: threads)
    let (microBatches, weights, frozen) = (microBatches, weights, frozen)
    parallelFor(parts.count, threads: threads) { index in
      microBatches[index].learn(
        parts[index], of: batch, weights: weights, dropout: dropout, trainsWeights: trainsWeights,
        frozen: frozen)
    }
    let used = parts.indices.map { microBatches[$0] }
    return gradients.gather(
      from: used, task: batch.shard.task, words: trainsWeights, threads: threads, crew: crew,
      isPresent: { crew.hasAny($0, of: min(cut, batch.indices.count), microBatches: cut) })
  }

  /// The probabilities of all rows of a shard, [rows, classes], and what they give, without
  /// dropout.
  /// - Parameter longest: rows are cut after so many tokens.
  func predict(_ shard: TokenShard, longest: Int) -> (probabilities: [R], outcome: BatchMetrics) {
    // A row's result does not depend on its company, so groups are as large as serves the products
    // and as small as gives every thread something to do.
    let workers = min(threads, microBatches.count)
    let rows = min(64, max(1, (shard.count + workers - 1) / workers))
    let groups = Batch.byLength(shard, rows: rows, longest: longest)
    let results = AlignedBuffer<R>(shard.count * shard.classNames.count, filledWith: 0)
    let outcomes = AlignedBuffer<BatchMetrics>(shard.count, filledWith: BatchMetrics())
    nonisolated(unsafe) let (probabilities, each) = (results.start, outcomes.start)
    // Each thread keeps to one slice's memory and takes every so many-th group, as does each process.
    pack(shard.task, backward: false, encoder: true)
    frozen?.meet(
      shard, 0..<shard.count, longest: longest, weights: weights, threads: threads)
    let (microBatches, weights, frozen, crew) = (microBatches, weights, frozen, crew)
    parallelFor(workers, threads: threads) { worker in
      let first = crew.rank * workers + worker
      for index in stride(from: first, to: groups.count, by: crew.count * workers) {
        microBatches[worker].predict(
          groups[index], weights: weights, frozen: frozen, into: probabilities, each)
      }
    }
    crew.merge(results.start, results.count)
    crew.merge(outcomes)
    return (results.array, outcomes.array.reduce(BatchMetrics(), +))
  }

  /// Brings the packed weights up to date for a task; while the encoder's are frozen they need it
  /// only once.
  private func pack(_ task: String, backward: Bool, encoder: Bool) {
    guard let layout = parameters.layout.tasks[task] else { return }
    weights.pack(
      parameters, layout, backward: backward, encoder: encoder, threads: threads)
    if encoder { packed = (task, backward) }
  }
}

/// What some rows gave.
struct BatchMetrics: Codable, Equatable {
  /// The summed cross-entropy.
  var loss = 0.0
  /// How many rows were classified rightly.
  var correct = 0
  /// How many rows there were.
  var rows = 0

  static func + (left: BatchMetrics, right: BatchMetrics) -> BatchMetrics {
    BatchMetrics(
      loss: left.loss + right.loss, correct: left.correct + right.correct,
      rows: left.rows + right.rows)
  }
}
