import Tensors

/// A part of a batch and the memory to compute it in: one thread's work from end to end.
///
/// `@unchecked Sendable`: a slice is handed to one thread at a time.
final class Slice<R: Real>: @unchecked Sendable {
  let encoder = Encoder<R>()
  let classifier = Classifier<R>()
  let ngrams = NgramPass<R>()
  /// The gradients of this part, laid out as the parameters.
  let gradients: Buffer<R>
  private(set) var packed: PackedRows?
  private(set) var outcome = Outcome()
  private let parameters: Parameters<R>
  private let numbering: WordNumbering

  init(_ parameters: Parameters<R>) {
    self.parameters = parameters
    gradients = Buffer(parameters.layout.size, filledWith: 0)
    numbering = WordNumbering(vocabularySize: parameters.vocabularySize)
  }

  /// Forward and backward over `part`, a part of `batch`; `frozen` has met its words, if the encoder
  /// never learns; `lesson` is that of the task's n-gram layer.
  func learn(
    _ part: Batch.Part, of batch: Batch, weights: PackedTask<R>, dropout: (any DropoutSource)?,
    trainsWeights: Bool, frozen: FrozenInputs<R>? = nil, lesson: NgramLesson<R>? = nil
  ) {
    guard let layout = parameters.layout.tasks[batch.shard.task] else { return }
    for entry in parameters.layout.used(by: batch.shard.task) {
      (gradients.start + entry.offset).clear(entry.count)
    }
    let packed = PackedRows(
      batch.shard, indices: part.indices, places: part.places, longest: batch.longest,
      numbering: numbering, dropout: WordDropout(dropout, rate: batch.noise.words))
    let cell = Cell(layout.encoder, parameters, weights.encoder)
    encoder.forward(
      packed, parameters, cell, frozen: frozen, dropout: dropout,
      vectorDropout: batch.noise.vectors, keeping: true)
    classifier.forward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: dropout)
    ngrams.forward(
      packed, rows: packed.places.map { batch.indices[$0] }, of: batch.shard, parameters, layout,
      lesson: lesson, dropout: dropout, into: classifier.logits.start)
    let loss = classifier.loss(
      packed, parameters, layout, batchRows: batch.indices.count, dropout: dropout,
      smoothing: batch.noise.labels)
    classifier.backward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: dropout != nil,
      gradients: gradients.start)
    ngrams.backward(classifier.outputGradient.start, layout, gradients: gradients.start)
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
    _ batch: Batch, weights: PackedTask<R>, frozen: FrozenInputs<R>?,
    into probabilities: UnsafeMutablePointer<R>, _ outcomes: UnsafeMutablePointer<Outcome>
  ) {
    guard let layout = parameters.layout.tasks[batch.shard.task] else { return }
    let packed = PackedRows(
      batch.shard, indices: batch.indices, places: batch.indices, longest: batch.longest,
      numbering: numbering)
    let cell = Cell(layout.encoder, parameters, weights.encoder)
    encoder.forward(packed, parameters, cell, frozen: frozen, dropout: nil, keeping: false)
    classifier.forward(
      packed, parameters, layout, weights: weights, encoder: encoder, dropout: nil)
    ngrams.forward(
      packed, rows: packed.places, of: batch.shard, parameters, layout, lesson: nil, dropout: nil,
      into: classifier.logits.start)
    for row in 0..<packed.count {
      let (place, target) = (packed.places[row], Int(packed.classes[row]))
      let logits = classifier.logits.start + row * layout.classes
      let values = UnsafeMutableBufferPointer(
        start: probabilities + place * layout.classes, count: layout.classes)
      values.baseAddress?.update(from: logits, count: layout.classes)
      let isRight = Classifier<R>.largest(logits, layout.classes) == target
      let loss = Classifier<R>.softmax(values, target: target)
      outcomes[place] = Outcome(loss: loss, correct: isRight ? 1 : 0, rows: 1)
    }
  }
}
