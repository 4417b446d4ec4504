/// The encoder: a DLN-LSTM over the tokens of each row. Computes one micro-batch and holds the memory
/// for it, which is reused from batch to batch; used by one thread at a time.
final class Encoder<R: Real> {
  /// The states after the last token of each row, [B, H].
  let finalH = AlignedBuffer<R>(), finalC = AlignedBuffer<R>()
  /// The gradients of the final states, which the backward pass starts from and uses up.
  let dh = AlignedBuffer<R>(), dc = AlignedBuffer<R>()
  /// The gradients of the vectors of the distinct tokens, [tokens, I].
  let vectorGradient = AlignedBuffer<R>()
  /// h pooled over the steps of each row.
  let pooling = PoolingLayer<R>()

  private let vectors = AlignedBuffer<R>(), vectorMask = AlignedBuffer<UInt8>()
  /// The dropout rate of the vectors in the last forward pass.
  private var vectorDropout = 0.0
  /// Whether the last forward pass took its inputs from the cache of a frozen encoder.
  private var usesCache = false
  private let input = InputProjections<R>()
  private let z = AlignedBuffer<R>(), gates = AlignedBuffer<R>(), rstd = AlignedBuffer<R>()
  private let c = AlignedBuffer<R>(), normalizedC = AlignedBuffer<R>(), h = AlignedBuffer<R>()
  private let droppedH = AlignedBuffer<R>(), recurrentMask = AlignedBuffer<UInt8>()

  /// Runs each row to its last token.
  func forward(_ context: ForwardContext<R>) {
    let (sequence, cell) = (context.sequence, context.network.encoderCell)
    let (hidden, keepsSteps) = (cell.hidden, context.keepsSteps)
    let (inputs, inputRows) = projectInputs(context)
    reserve(sequence, hidden: hidden, keepsSteps: keepsSteps)
    pooling.begin(sequence, context.network.configuration)

    inputRows.withUnsafeBufferPointer { inputRows in
      for step in 0..<sequence.steps {
        let rows = sequence.active[step]
        let cellStep = cellStep(step, sequence, hidden: hidden, keepsSteps: keepsSteps)
        let previousH = keepsSteps ? droppedH(step, cellStep, context) : cellStep.previousH
        if step == 0 {
          cellStep.z.clear(rows * 4 * hidden)  // h is zero
        } else {
          cell.recurrentWeight.forward(previousH, rows: rows, into: cellStep.z)
        }
        cell.forward(
          rows: rows, input: inputs,
          inputRow: inputRows.baseAddress.map { $0 + sequence.offsets[step] }, step: cellStep)
        pooling.add(cellStep.h, rows: rows, step: step)
        storeFinalStates(sequence, step: step, cellStep, hidden)
      }
    }
  }

  /// The previous h of a step after dropout, which is kept for the backward pass.
  private func droppedH(
    _ step: Int, _ cellStep: CellStep<R>, _ context: ForwardContext<R>
  ) -> UnsafePointer<R> {
    let (sequence, hidden) = (context.sequence, context.network.encoderCell.hidden)
    let rate = context.network.configuration.recurrentDropout
    let (rows, offset) = (sequence.active[step], sequence.offsets[step] * hidden)
    let target = droppedH.start + offset
    guard step > 0, let dropout = context.dropout, rate > 0 else {
      target.update(from: cellStep.previousH, count: rows * hidden)
      return UnsafePointer(target)
    }
    let mask = recurrentMask.start + offset
    dropout.fill(
      mask, width: hidden, site: .recurrent, batchIndices: sequence.batchIndices[..<rows],
      step: step, rate: rate)
    R.kernels.dropoutApply(
      Int64(rows * hidden), mask, R(1 / (1 - rate)), cellStep.previousH, target)
    return UnsafePointer(target)
  }

  /// Adds the gradients of the parameters to `gradients`, starting from `dh`, `dc` and the gradients
  /// in the pooling layer.
  /// - Parameters:
  ///   - trainsWeights: whether W_h, W_x and the word vectors are trained. If not, only the norms get
  ///     gradients.
  ///   - addStateGradient: adds the gradient of h [rows, H] of a step that a head has read.
  func backward(
    _ context: ForwardContext<R>, trainsWeights: Bool, gradients: UnsafeMutablePointer<R>,
    addStateGradient: (_ dh: UnsafeMutablePointer<R>, _ step: Int) -> Void = { _, _ in }
  ) {
    let (sequence, cell) = (context.sequence, context.network.encoderCell)
    let hidden = cell.hidden
    let rate = context.dropout == nil ? 0 : context.network.configuration.recurrentDropout
    input.gradient.reserveZeros(sequence.words.count * 4 * hidden)

    sequence.wordRow.withUnsafeBufferPointer { inputRows in
      for step in stride(from: sequence.steps - 1, through: 0, by: -1) {
        let rows = sequence.active[step]
        let first = sequence.offsets[step]
        let cellStep = cellStep(step, sequence, hidden: hidden, keepsSteps: true)
        pooling.addGradient(to: dh.start, rows: rows, step: step)
        addStateGradient(dh.start, step)
        cell.backward(
          rows: rows, step: cellStep, dh: dh.start, dc: dc.start,
          inputGradient: input.gradient.start,
          inputRow: inputRows.baseAddress.map { $0 + first }, gradients: gradients)
        guard step > 0 else { break }
        cell.recurrentWeight.backward(cellStep.z, rows: rows, into: dh.start)
        if rate > 0 {
          R.kernels.dropoutApply(
            Int64(rows * hidden), recurrentMask.start + first * hidden,
            R(1 / (1 - rate)), dh.start, dh.start)
        }
      }
    }
    if trainsWeights, sequence.steps > 1 {
      // In the first step h is zero, so its rows add nothing to the gradient of W_h.
      let first = sequence.offsets[1]
      cell.recurrentWeight.addGradient(
        z.start + first * 4 * hidden, droppedH.start + first * hidden,
        rows: sequence.tokens - first, to: gradients + cell.offsets.weightH)
    }
    projectInputsBackward(context, trainsWeights: trainsWeights, gradients: gradients)
  }

  /// Computes LN_x(W_x x) of the distinct tokens, from the cache if the encoder is frozen.
  /// - Returns: these, one row each, and the index of the row of each token.
  private func projectInputs(
    _ context: ForwardContext<R>
  ) -> (rows: UnsafePointer<R>, indices: [Int32]) {
    let (network, tokens) = (context.network, context.sequence.words)
    vectorDropout = context.dropout == nil ? 0 : context.regularization.vectorDropout
    usesCache = false
    if vectorDropout == 0, let cache = network.inputCache {
      if cache.isComplete {
        let (rows, indices) = cache.rows(of: tokens)
        return (rows, context.sequence.wordRow.map { indices[Int($0)] })
      }
      usesCache = true
      network.encoderCell.project(tokens, from: cache, into: input)
      return (UnsafePointer(input.result.start), context.sequence.wordRow)
    }
    let size = network.configuration.input
    network.parameters.copyVectors(of: tokens, to: vectors.reserve(tokens.count * size))
    if let dropout = context.dropout, vectorDropout > 0 {
      let mask = vectorMask.reserve(tokens.count * size)
      for (row, token) in tokens.enumerated() {
        dropout.fill(
          mask + row * size, count: size, site: .vectors, row: Int(token), step: 0,
          rate: vectorDropout)
      }
      dropVectors(vectors.start, count: tokens.count * size)
    }
    network.encoderCell.project(vectors.start, rows: tokens.count, into: input)
    return (UnsafePointer(input.result.start), context.sequence.wordRow)
  }

  private func projectInputsBackward(
    _ context: ForwardContext<R>, trainsWeights: Bool, gradients: UnsafeMutablePointer<R>
  ) {
    let (cell, tokens) = (context.network.encoderCell, context.sequence.words)
    if usesCache, let cache = context.network.inputCache {
      return cell.projectBackward(tokens, from: cache, input, gradients: gradients)
    }
    let count = tokens.count * cell.offsets.inputSize
    cell.projectBackward(
      vectors.start, rows: tokens.count, input, gradients: gradients,
      xGradient: trainsWeights ? vectorGradient.reserve(count) : nil)
    if trainsWeights, vectorDropout > 0 { dropVectors(vectorGradient.start, count: count) }
  }

  private func dropVectors(_ values: UnsafeMutablePointer<R>, count: Int) {
    R.kernels.dropoutApply(
      Int64(count), vectorMask.start, R(1 / (1 - vectorDropout)), values, values)
  }

  /// h after a step of the last forward pass, one row for each active row; only if steps are kept.
  func states(after step: Int, _ context: ForwardContext<R>) -> UnsafePointer<R> {
    UnsafePointer(
      cellStep(
        step, context.sequence, hidden: context.network.encoderCell.hidden, keepsSteps: true
      ).h)
  }

  /// The rows of a step in the buffers. If the steps are not kept, c and h alternate between two blocks
  /// of rows, and all steps use the same rows of z.
  private func cellStep(
    _ step: Int, _ sequence: PackedSequence, hidden: Int, keepsSteps: Bool
  ) -> CellStep<R> {
    let (row, count) = (keepsSteps ? sequence.offsets[step] : 0, sequence.count)
    let state = keepsSteps ? count + row : step % 2 * count
    let previous =
      keepsSteps
      ? (step == 0 ? 0 : count + sequence.offsets[step - 1]) : (step + 1) % 2 * count
    return CellStep(
      z: z.start + row * 4 * hidden, previousC: c.start + previous * hidden,
      previousH: h.start + previous * hidden,
      gates: keepsSteps ? gates.start + row * 4 * hidden : nil,
      c: c.start + state * hidden, normalizedC: normalizedC.start + row * hidden,
      rstd: rstd.start + row * 5, h: h.start + state * hidden)
  }

  /// Stores the states of the rows that end with this step.
  private func storeFinalStates(
    _ sequence: PackedSequence, step: Int, _ cellStep: CellStep<R>, _ hidden: Int
  ) {
    let running = step + 1 < sequence.steps ? sequence.active[step + 1] : 0
    let ended = sequence.active[step] - running
    guard ended > 0 else { return }
    let skip = running * hidden
    (finalH.start + skip).update(from: cellStep.h + skip, count: ended * hidden)
    (finalC.start + skip).update(from: cellStep.c + skip, count: ended * hidden)
  }

  private func reserve(_ sequence: PackedSequence, hidden: Int, keepsSteps: Bool) {
    let rows = keepsSteps ? sequence.tokens : sequence.count
    let states = sequence.count * 2 + (keepsSteps ? sequence.tokens : 0)
    z.reserve(rows * 4 * hidden)
    for buffer in [c, h] {
      buffer.reserve(states * hidden)
      // The states before the first step: the first block if all are kept, else the second.
      let first = keepsSteps ? 0 : sequence.count
      (buffer.start + first * hidden).clear(sequence.count * hidden)
    }
    for buffer in [finalH, finalC, dh, dc] { buffer.reserveZeros(sequence.count * hidden) }
    if keepsSteps {
      gates.reserve(rows * 4 * hidden)
      rstd.reserve(rows * 5)
      normalizedC.reserve(rows * hidden)
      droppedH.reserve(rows * hidden)
      recurrentMask.reserve(rows * hidden)
    }
  }
}
