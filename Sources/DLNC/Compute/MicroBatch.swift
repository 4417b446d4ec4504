import Safetensors

/// A part of a batch and the memory to compute it in: one thread's work from end to end.
///
/// `@unchecked Sendable`: a slice is handed to one thread at a time.
final class MicroBatch<R: Real>: @unchecked Sendable {
  let encoder = Encoder<R>()
  let classifier = ClassificationHead<R>()
  /// The gradients of this part, laid out as the parameters.
  let gradients: AlignedBuffer<R>
  private(set) var packed: PackedSequence?
  private(set) var outcome = BatchMetrics()
  private let parameters: Parameters<R>
  private let numbering: UniqueTokens
  private let ngramLogits = AlignedBuffer<R>()

  init(_ parameters: Parameters<R>) {
    self.parameters = parameters
    gradients = AlignedBuffer(parameters.layout.size, filledWith: 0)
    numbering = UniqueTokens(vocabularySize: parameters.vocabularySize)
  }

  /// Forward and backward over `part`, a part of `batch`; `frozen` has met its words, if the encoder
  /// never learns.
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
      batch.shard, indices: part.indices, places: part.places, longest: batch.longest,
      numbering: numbering, dropout: WordDropout(dropout, rate: batch.noise.words))
    let cell = DLNLSTMCell(layout.encoder, parameters, weights.encoder)
    encoder.forward(
      packed, parameters, cell, frozen: frozen, dropout: dropout,
      vectorDropout: batch.noise.vectors, keeping: true)
    classifier.forward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: dropout,
      ngramLogits: ngramLogits(of: packed.places.map { batch.indices[$0] }, in: batch))
    let loss = classifier.loss(
      packed, parameters, layout, batchRows: batch.indices.count, dropout: dropout,
      smoothing: batch.noise.classNames)
    classifier.backward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: dropout != nil,
      gradients: gradients.start)
    encoder.backward(
      packed, parameters, cell, dropout: dropout != nil, trainsWeights: trainsWeights,
      gradients: gradients.start)
    outcome = .init(
      loss: loss.sum, correct: loss.correct, rows: packed.count)
    self.packed = packed
  }

  /// Forward over a whole batch; row `r` of the shard goes to `probabilities` [rows, classes] and to
  /// `outcomes` [rows].
  func predict(
    _ batch: Batch, weights: PackedTaskWeights<R>, frozen: FrozenInputCache<R>?,
    into probabilities: UnsafeMutablePointer<R>, _ outcomes: UnsafeMutablePointer<BatchMetrics>
  ) {
    guard let layout = parameters.layout.tasks[batch.shard.task] else { return }
    let packed = PackedSequence(
      batch.shard, indices: batch.indices, places: batch.indices, longest: batch.longest,
      numbering: numbering)
    let cell = DLNLSTMCell(layout.encoder, parameters, weights.encoder)
    encoder.forward(packed, parameters, cell, frozen: frozen, dropout: nil, keeping: false)
    classifier.forward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: nil,
      ngramLogits: ngramLogits(of: packed.places, in: batch))
    for row in 0..<packed.count {
      let (place, target) = (packed.places[row], Int(packed.labels[row]))
      let logits = classifier.logits.start + row * layout.classCount
      let values = UnsafeMutableBufferPointer(
        start: probabilities + place * layout.classCount, count: layout.classCount)
      values.baseAddress?.update(from: logits, count: layout.classCount)
      let isRight = ClassificationHead<R>.largest(logits, layout.classCount) == target
      let loss = ClassificationHead<R>.softmax(values, target: target)
      outcomes[place] = BatchMetrics(loss: loss, correct: isRight ? 1 : 0, rows: 1)
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
