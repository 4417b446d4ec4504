/// A part of a batch that one thread computes from end to end, and the memory for it.
///
/// `@unchecked Sendable`: one thread uses it at a time.
final class MicroBatch<R: Real>: @unchecked Sendable {
  let encoder = Encoder<R>()
  let head = ClassificationHead<R>()
  let languageModel = LanguageModelHead<R>()
  /// The gradients of this part, laid out as the parameters.
  let gradients: AlignedBuffer<R>
  private(set) var sequence: PackedSequence?
  private(set) var metrics = BatchMetrics()
  private let uniqueTokens: UniqueTokens
  private let ngramLogits = AlignedBuffer<R>()

  init(_ parameters: Parameters<R>) {
    gradients = AlignedBuffer(parameters.layout.size, filledWith: 0)
    uniqueTokens = UniqueTokens(vocabularySize: parameters.vocabularySize)
  }

  /// Runs a part of a batch forward and backward. The input cache of the network, if there is one,
  /// must hold the tokens of the part.
  func forwardBackward(
    _ part: Batch.Part, of batch: Batch, _ network: TaskNetwork<R>,
    dropout: (any DropoutSource)?, trainsWeights: Bool
  ) {
    for spec in network.offsets.specs { (gradients.start + spec.offset).clear(spec.count) }
    let sequence = PackedSequence(
      batch.shard, indices: part.indices, batchIndices: part.batchIndices,
      maxLength: batch.maxLength,
      uniqueTokens: uniqueTokens,
      dropout: WordDropout(dropout, rate: batch.regularization.wordDropout))
    let context = ForwardContext(
      network: network, sequence: sequence, dropout: dropout, regularization: batch.regularization)
    self.sequence = sequence
    encoder.forward(context)
    guard network.candidates == nil else {
      metrics = languageModel.forwardBackward(
        context, encoder, predictions: batch.predictions, gradients: gradients.start)
      return
    }
    head.forward(
      context, encoder,
      ngramLogits: ngramLogits(
        of: sequence.batchIndices.map { batch.indices[$0] }, in: batch, network))
    metrics = head.loss(
      context, batchRows: batch.indices.count, classWeights: batch.classWeights)
    head.backward(context, encoder, gradients: gradients.start)
    encoder.backward(context, trainsWeights: trainsWeights, gradients: gradients.start)
  }

  /// The metrics of a language model on a batch, without dropout.
  func predictWords(_ batch: Batch, _ network: TaskNetwork<R>) -> BatchMetrics {
    let context = ForwardContext(
      network: network,
      sequence: PackedSequence(
        batch.shard, indices: batch.indices, batchIndices: batch.indices,
        maxLength: batch.maxLength, uniqueTokens: uniqueTokens))
    encoder.forward(context)
    return languageModel.forward(context, encoder)
  }

  /// Runs a batch forward. The results of row `r` of the shard go to row `r` of `results` [rows, C] and
  /// of `metrics` [rows].
  /// - Parameter asLogits: whether the results are logits and not probabilities.
  func predict(
    _ batch: Batch, _ network: TaskNetwork<R>, asLogits: Bool,
    into results: UnsafeMutablePointer<R>, _ metrics: UnsafeMutablePointer<BatchMetrics>
  ) {
    let sequence = PackedSequence(
      batch.shard, indices: batch.indices, batchIndices: batch.indices, maxLength: batch.maxLength,
      uniqueTokens: uniqueTokens)
    let context = ForwardContext(network: network, sequence: sequence, keepsSteps: false)
    encoder.forward(context)
    head.forward(
      context, encoder, ngramLogits: ngramLogits(of: sequence.batchIndices, in: batch, network))
    let (classCount, output) = (network.offsets.classCount, network.offsets.output)
    for row in 0..<sequence.count {
      let (index, classes) = (sequence.batchIndices[row], sequence.classes[row])
      let logits = head.logits.start + row * classCount
      let values = UnsafeMutableBufferPointer(
        start: results + index * classCount, count: classCount)
      values.baseAddress?.update(from: logits, count: classCount)
      metrics[index] = BatchMetrics(
        UnsafeBufferPointer(start: logits, count: classCount), half: 0, output, classes: classes,
        loss: output.apply(values, classes: classes))
      if asLogits { values.baseAddress?.update(from: logits, count: classCount) }
    }
  }

  /// The logits that the task's n-gram layer, if it has one, adds to the given rows of the batch's
  /// shard, [rows, C].
  private func ngramLogits(
    of rows: [Int], in batch: Batch, _ network: TaskNetwork<R>
  ) -> UnsafePointer<R>? {
    guard let layer = network.parameters.ngramLayers[batch.shard.task] else { return nil }
    let classCount = network.offsets.classCount
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
