import Shards

/// The head of a language model: predicts the next word of a row from h of each step. The output
/// vectors are the word vectors E (weight tying, Press and Wolf 2017), reached by a projection P:
///
///     q_t = P h_t,   logit of word w = e_w · q_t + b_w
///
/// The loss is the softmax cross-entropy among the candidates of the batch. Computes one micro-batch
/// and holds the memory for it. N is the number of predictions, K that of candidates.
final class LanguageModelHead<R: Real> {
  /// The candidates of the last backward pass, and the gradients of their vectors, [K, I].
  private(set) var candidates: [Int32] = []
  let candidateGradient = AlignedBuffer<R>()

  /// h before each prediction, then its gradient, [N, H].
  private let states = AlignedBuffer<R>()
  private let queries = AlignedBuffer<R>(), queryGradient = AlignedBuffer<R>()
  /// The logits of the targets, then their gradients, [N].
  private let targetLogits = AlignedBuffer<R>()
  private let logits = AlignedBuffer<R>(), biasGradient = AlignedBuffer<R>()

  /// The number of predictions whose logits are in memory at a time; fewer with many candidates. As in
  /// `gemm_at_b_accumulate`, which adds up blocks of this size.
  private static func chunkSize(candidates: Int) -> Int { max(8, min(128, (1 << 22) / candidates)) }

  /// The metrics of all predictions.
  func forward(_ context: ForwardContext<R>, _ encoder: Encoder<R>) -> BatchMetrics {
    run(context, encoder, scale: 1, gradients: nil)
  }

  /// Runs the head forward, then head and encoder backward. Adds the gradients of the parameters to
  /// `gradients`; those of word vectors are in ``candidateGradient`` and in the encoder.
  /// - Parameter predictions: the number of predictions of the whole batch, over which the loss is a
  ///   mean.
  func forwardBackward(
    _ context: ForwardContext<R>, _ encoder: Encoder<R>, predictions: Int,
    gradients: UnsafeMutablePointer<R>
  ) -> BatchMetrics {
    let (network, sequence) = (context.network, context.sequence)
    let (size, hidden) = (network.configuration.input, network.configuration.hidden)
    let metrics = run(context, encoder, scale: 1 / R(max(1, predictions)), gradients: gradients)
    network.linear.addGradient(
      queryGradient.start, states.start, rows: sequence.predictions,
      to: gradients + network.offsets.headWeight)
    network.linear.backward(queryGradient.start, rows: sequence.predictions, into: states.start)
    encoder.backward(context, trainsWeights: true, gradients: gradients) { dh, step in
      let rows = sequence.predictions(at: step)
      R.kernels.add(Int64(rows.count * hidden), states.start + rows.lowerBound * hidden, dh)
    }
    // A target is an input of the next step, so it has a row among the gradients of the inputs.
    for (row, word) in sequence.targetRows.enumerated() {
      R.kernels.addScaled(
        Int64(size), targetLogits.start[row], queries.start + row * size,
        encoder.vectorGradient.start + Int(word) * size)
    }
    return metrics
  }

  /// - Parameters:
  ///   - scale: the factor of the gradients.
  ///   - gradients: where those of the biases are added; nil without a backward pass.
  private func run(
    _ context: ForwardContext<R>, _ encoder: Encoder<R>, scale: R,
    gradients: UnsafeMutablePointer<R>?
  ) -> BatchMetrics {
    let (network, sequence) = (context.network, context.sequence)
    let (size, count) = (network.configuration.input, sequence.predictions)
    guard let packed = network.candidates else { return BatchMetrics() }
    prepare(context, encoder)
    let ids = packed.ids.count
    if gradients != nil {
      candidates = packed.words
      candidateGradient.reserveZeros(ids * size)
      biasGradient.reserveZeros(ids)
      queryGradient.reserve(count * size)
    }
    let targets = sequence.targetRows.map { sequence.words[Int($0)] }
    let chunk = Self.chunkSize(candidates: ids)
    var (loss, correct) = (0.0, Int32(0))
    for first in stride(from: 0, to: count, by: chunk) {
      let rows = min(chunk, count - first)
      let x = queries.start + first * size
      packed.matrix.forward(x, rows: rows, into: logits.reserve(rows * ids))
      loss += targets.withUnsafeBufferPointer { targets in
        R.kernels.sampledSoftmax(
          Int32(rows), Int32(ids), packed.ids, packed.offsets,
          targets.baseAddress.map { $0 + first }, scale, logits.start, targetLogits.start + first,
          &correct)
      }
      guard gradients != nil else { continue }
      packed.matrix.backward(logits.start, rows: rows, into: queryGradient.start + first * size)
      packed.matrix.addGradient(logits.start, x, rows: rows, to: candidateGradient.start)
      for row in 0..<rows {
        R.kernels.add(Int64(ids), logits.start + row * ids, biasGradient.start)
      }
    }
    if let gradients { addGradients(to: gradients + network.offsets.headBias, targets, context) }
    return BatchMetrics(loss: loss, correct: Int(correct), rows: count)
  }

  /// Computes the queries and the logits of the targets.
  private func prepare(_ context: ForwardContext<R>, _ encoder: Encoder<R>) {
    let (network, sequence) = (context.network, context.sequence)
    let (size, hidden) = (network.configuration.input, network.configuration.hidden)
    let count = sequence.predictions
    states.reserve(count * hidden)
    for step in 0..<sequence.steps {
      let rows = sequence.predictions(at: step)
      (states.start + rows.lowerBound * hidden)
        .update(from: encoder.states(after: step, context), count: rows.count * hidden)
    }
    network.linear.forward(states.start, rows: count, into: queries.reserve(count * size))
    targetLogits.reserve(count)
    let (vectors, bias) = (network.parameters.embedding.start, network.offsets.headBias)
    for (row, word) in sequence.targetRows.enumerated() {
      let token = Int(sequence.words[Int(word)])
      targetLogits.start[row] =
        R.kernels.dot(Int64(size), queries.start + row * size, vectors + token * size)
        + network.parameters.values.start[bias + token]
    }
  }

  /// Adds the gradients of the biases, and those of the queries by way of the targets.
  private func addGradients(
    to bias: UnsafeMutablePointer<R>, _ targets: [Int32], _ context: ForwardContext<R>
  ) {
    let size = context.network.configuration.input
    let vectors = context.network.parameters.embedding.start
    for (index, word) in candidates.enumerated() { bias[Int(word)] += biasGradient.start[index] }
    for (row, word) in targets.enumerated() {
      let gradient = targetLogits.start[row]
      bias[Int(word)] += gradient
      R.kernels.addScaled(
        Int64(size), gradient, vectors + Int(word) * size, queryGradient.start + row * size)
    }
  }
}

extension PackedSequence {
  /// The number of words that are predicted: all but the first of each row.
  var predictions: Int { targetRows.count }

  /// The indices in ``words`` of the predicted words, step by step.
  var targetRows: ArraySlice<Int32> {
    steps > 1 ? wordRow[offsets[1]...] : []
  }

  /// The predictions from h of a step: those of the rows that have a next word.
  func predictions(at step: Int) -> Range<Int> {
    guard step + 1 < steps else { return 0..<0 }
    let first = offsets[step + 1] - offsets[1]
    return first..<first + active[step + 1]
  }
}

extension Batch {
  /// The number of words that are predicted: all but the first of each row.
  var predictions: Int {
    indices.reduce(0) { $0 + max(0, min(maxLength, shard.row($1).count) - 1) }
  }
}
