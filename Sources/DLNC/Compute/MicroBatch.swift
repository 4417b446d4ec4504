/// Computes a part of a batch on one thread, and owns the memory for it.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class MicroBatch<R: Real>: @unchecked Sendable {
  let encoder = Encoder<R>()
  let classifier = ClassificationHead<R>()
  /// The gradients of this part, in the layout of the parameters.
  let gradients: AlignedBuffer<R>
  private(set) var packed: PackedSequence?
  private(set) var metrics = BatchMetrics()
  private let parameters: Parameters<R>
  private let uniqueTokens: UniqueTokens
  private let ngramLogits = AlignedBuffer<R>()

  init(_ parameters: Parameters<R>) {
    self.parameters = parameters
    gradients = AlignedBuffer(parameters.layout.size, filledWith: 0)
    uniqueTokens = UniqueTokens(vocabularySize: parameters.vocabularySize)
  }

  /// Computes the gradients of the loss of `part`, a part of `batch`.
  /// - Parameter frozen: a cache with the part's tokens, if the encoder is frozen.
  func learn(
    _ part: Batch.Part, of batch: Batch, weights: PackedTaskWeights<R>,
    dropout: (any DropoutSource)?,
    trainsWeights: Bool, frozen: FrozenInputCache<R>? = nil
  ) {
    guard let layout = parameters.layout.tasks[batch.shard.task] else { return }
    for entry in layout.specs {
      (gradients.start + entry.offset).clear(entry.count)
    }
    let packed = PackedSequence(
      batch.shard, indices: part.indices, batchIndices: part.batchIndices,
      maxLength: batch.maxLength,
      uniqueTokens: uniqueTokens, dropout: WordDropout(dropout, rate: batch.regularization.words))
    let cell = DLNLSTMCell(layout.encoder, parameters, weights.encoder)
    encoder.forward(
      packed, parameters, cell, frozen: frozen, dropout: dropout,
      vectorDropout: batch.regularization.vectors, keeping: true)
    classifier.forward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: dropout,
      ngramLogits: ngramLogits(of: packed.batchIndices.map { batch.indices[$0] }, in: batch))
    let loss = classifier.loss(
      packed, parameters, layout, batchRows: batch.indices.count, dropout: dropout,
      smoothing: batch.regularization.classNames)
    classifier.backward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: dropout != nil,
      gradients: gradients.start)
    encoder.backward(
      packed, parameters, cell, dropout: dropout != nil, trainsWeights: trainsWeights,
      gradients: gradients.start)
    metrics = .init(
      loss: loss.sum, correct: loss.correct, rows: packed.count)
    self.packed = packed
  }

  /// Classifies a batch; the results are stored by the row's index in the shard, in `probabilities`
  /// [rows, classes] and `metrics` [rows].
  func predict(
    _ batch: Batch, weights: PackedTaskWeights<R>, frozen: FrozenInputCache<R>?,
    into probabilities: UnsafeMutablePointer<R>, _ metrics: UnsafeMutablePointer<BatchMetrics>
  ) {
    guard let layout = parameters.layout.tasks[batch.shard.task] else { return }
    let packed = PackedSequence(
      batch.shard, indices: batch.indices, batchIndices: batch.indices, maxLength: batch.maxLength,
      uniqueTokens: uniqueTokens)
    let cell = DLNLSTMCell(layout.encoder, parameters, weights.encoder)
    encoder.forward(packed, parameters, cell, frozen: frozen, dropout: nil, keeping: false)
    classifier.forward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: nil,
      ngramLogits: ngramLogits(of: packed.batchIndices, in: batch))
    for (packedRow, row) in packed.batchIndices.enumerated() {
      let target = Int(packed.labels[packedRow])
      let logits = classifier.logits.start + packedRow * layout.classCount
      let values = UnsafeMutableBufferPointer(
        start: probabilities + row * layout.classCount, count: layout.classCount)
      values.baseAddress?.update(from: logits, count: layout.classCount)
      let isRight = argmax(logits, count: layout.classCount) == target
      let loss = softmax(values, target: target)
      metrics[row] = BatchMetrics(loss: loss, correct: isRight ? 1 : 0, rows: 1)
    }
  }

  /// The logits that the task's n-gram layer, if it has one, adds to the given rows of the batch's
  /// shard, [rows, classes].
  private func ngramLogits(of rows: [Int], in batch: Batch) -> UnsafePointer<R>? {
    guard let layer = parameters.ngramLayers[batch.shard.task] else { return nil }
    let classCount = batch.shard.classNames.count
    var target = ngramLogits.reserve(rows.count * classCount)
    for row in rows {
      if let known = batch.ngramLogits {
        for k in 0..<classCount { target[k] = R(known[row * classCount + k]) }
      } else {
        layer.logits(ofRow: row, in: batch.shard, into: target)
      }
      target += classCount
    }
    return UnsafePointer(ngramLogits.start)
  }
}
