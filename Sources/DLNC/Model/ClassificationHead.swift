/// The classification part: one DLN-LSTM cell that starts from the encoder's final state and has the
/// task embedding as its input, then dropout, a linear layer and softmax or, in a multi-label task,
/// sigmoid. Computes one micro-batch and
/// holds the memory for it.
final class ClassificationHead<R: Real> {
  /// The logits before their dropout, [B, C].
  let logits = AlignedBuffer<R>()
  /// The states of the classification cell, [B, H]; those of the encoder without such a cell.
  let h = AlignedBuffer<R>(), c = AlignedBuffer<R>()
  /// The gradient of the mean loss with respect to the logits, [B, C].
  let logitGradient = AlignedBuffer<R>()

  private let stateDropout = DropoutLayer<R>(.classifierRecurrent)
  private let featureDropout = DropoutLayer<R>(.head)
  private let logitDropout = DropoutLayer<R>(.logits)
  private let embedding = InputProjections<R>()
  private let initialH = AlignedBuffer<R>(), initialC = AlignedBuffer<R>()
  private let z = AlignedBuffer<R>(), gates = AlignedBuffer<R>(), normalizedC = AlignedBuffer<R>(),
    rstd = AlignedBuffer<R>()
  private let features = AlignedBuffer<R>(), featureGradient = AlignedBuffer<R>()
  private let embeddingGradient = AlignedBuffer<R>()
  /// The logits of the n-gram layer in the last forward pass, [B, C]; nil without one.
  private var ngramLogits: UnsafePointer<R>?
  /// Whether each row has the n-gram layer, [B].
  private let ngramMask = AlignedBuffer<UInt8>()

  /// Computes the logits from the encoder's final states.
  /// - Parameter ngramLogits: the logits of the n-gram layer, [B, C]; nil without one.
  func forward(
    _ context: ForwardContext<R>, _ encoder: Encoder<R>, ngramLogits: UnsafePointer<R>? = nil
  ) {
    let (network, rows) = (context.network, context.sequence.count)
    let (configuration, offsets) = (network.configuration, network.offsets)
    let (hidden, width, classCount) = (
      configuration.hidden, configuration.headWidth, offsets.classCount
    )
    h.reserve(rows * hidden)
    c.reserve(rows * hidden)
    if let cell = network.classificationCell {
      forward(cell, context, encoder)
    } else {
      h.start.update(from: encoder.finalH.start, count: rows * hidden)
      c.start.update(from: encoder.finalC.start, count: rows * hidden)
    }
    featureDropout.forward(
      encoder.pooling.concatenate(h.start, rows: rows), into: features.reserve(rows * width),
      width: width, rate: configuration.headDropout, context)
    network.linear.forward(features.start, rows: rows, into: logits.reserve(rows * classCount))
    let bias = network.parameters.values.start + offsets.headBias
    for row in 0..<rows {
      for k in 0..<classCount { logits.start[row * classCount + k] += bias[k] }
    }
    if let order = offsets.headRows { permute(logits.start, rows: rows, classCount) { order[$0] } }
    self.ngramLogits = ngramLogits
    if let ngramLogits { add(ngramLogits, context) }
  }

  /// One step of the classification cell.
  private func forward(
    _ cell: DLNLSTMCell<R>, _ context: ForwardContext<R>, _ encoder: Encoder<R>
  ) {
    let (network, rows) = (context.network, context.sequence.count)
    let (configuration, hidden) = (network.configuration, cell.hidden)
    stateDropout.forward(
      encoder.finalH.start, into: initialH.reserve(rows * hidden), width: hidden,
      rate: configuration.recurrentDropout, context)
    initialC.reserveZeros(rows * hidden)
    if !configuration.zeroInitialCell {
      initialC.start.update(from: encoder.finalC.start, count: rows * hidden)
    }
    z.reserve(rows * 4 * hidden)
    if context.keepsSteps {
      gates.reserve(rows * 4 * hidden)
      normalizedC.reserve(rows * hidden)
      rstd.reserve(rows * 5)
    }
    cell.recurrentWeight.forward(initialH.start, rows: rows, into: z.start)
    if let offset = network.offsets.embedding {
      cell.project(network.parameters.values.start + offset, rows: 1, into: embedding)
    }
    cell.forward(
      rows: rows,
      input: network.offsets.embedding.map { _ in UnsafePointer(embedding.result.start) },
      inputRow: Self.firstRow(rows), step: step(keepsGates: context.keepsSteps))
  }

  /// Adds the scaled logits of the n-gram layer, except to rows where dropout omits the layer.
  private func add(_ ngramLogits: UnsafePointer<R>, _ context: ForwardContext<R>) {
    let (rows, classCount) = (context.sequence.count, context.network.offsets.classCount)
    guard let scale = context.network.offsets.ngramScale else { return }
    let scales = context.network.parameters.values.start + scale
    ngramMask.reserve(rows).update(repeating: 1, count: rows)
    if let dropout = context.dropout, let rate = context.network.configuration.ngrams?.dropout,
      rate > 0
    {
      dropout.fill(
        ngramMask.start, width: 1, site: .ngrams, batchIndices: context.sequence.batchIndices[...],
        step: 0,
        rate: rate)
    }
    for row in 0..<rows where ngramMask.start[row] == 1 {
      for k in 0..<classCount {
        logits.start[row * classCount + k] += scales[k] * ngramLogits[row * classCount + k]
      }
    }
  }

  /// Computes the cross-entropy and, in ``logitGradient``, the gradient of its mean over a batch of
  /// `batchRows` rows. With label smoothing or class weights, the gradient is that of the smoothed and
  /// weighted loss, while the returned loss is plain, so that training and validation can be compared.
  /// - Parameter classWeights: the factor of the loss of each class's rows, see
  ///   ``ClassWeights/weights(of:)``; nil for 1.
  /// - Returns: the sum of the metrics of the rows.
  func loss(
    _ context: ForwardContext<R>, batchRows: Int, classWeights: [Double]? = nil
  ) -> BatchMetrics {
    let (rows, classCount) = (context.sequence.count, context.network.offsets.classCount)
    let output = context.network.offsets.output
    let smoothing = context.regularization.labelSmoothing
    let gradient = logitGradient.reserve(rows * classCount)
    logitDropout.forward(
      logits.start, into: gradient, width: classCount,
      rate: context.network.configuration.logitDropout, context)
    var result = BatchMetrics()
    for row in 0..<rows {
      let values = UnsafeMutableBufferPointer(start: gradient + row * classCount, count: classCount)
      let classes = context.sequence.classes[row]
      let plain = UnsafeBufferPointer(start: logits.start + row * classCount, count: classCount)
      let loss = output.apply(values, classes: classes)
      result = result + BatchMetrics(plain, half: 0, output, classes: classes, loss: loss)
      for label in classes { values[Int(label)] -= R(1 - smoothing) }
      if smoothing > 0 {
        // The rest of the target is spread over all classes or, for each label, over yes and no.
        let alternatives = output == .softmax ? classCount : 2
        for k in 0..<classCount { values[k] -= R(smoothing / Double(alternatives)) }
      }
      for k in 0..<classCount { values[k] /= R(batchRows) }
      if let classWeights {
        for k in 0..<classCount {
          values[k] *= R(output.weight(ofLogit: k, in: classWeights, classes: classes))
        }
      }
    }
    logitDropout.backward(gradient, count: rows * classCount)
    return result
  }

  /// Adds the gradients of the parameters to `gradients`, and sets those of the encoder's final
  /// states. Starts from ``logitGradient``.
  func backward(
    _ context: ForwardContext<R>, _ encoder: Encoder<R>, gradients: UnsafeMutablePointer<R>
  ) {
    let (network, rows) = (context.network, context.sequence.count)
    let (offsets, width) = (network.offsets, network.configuration.headWidth)
    let (classCount, d) = (offsets.classCount, logitGradient.start)
    addScaleGradient(offsets, rows: rows, gradients: gradients)
    if let order = offsets.headRows {
      permute(d, rows: rows, classCount) { order.firstIndex(of: $0) ?? 0 }
    }
    network.linear.addGradient(d, features.start, rows: rows, to: gradients + offsets.headWeight)
    for row in 0..<rows {
      for k in 0..<classCount { gradients[offsets.headBias + k] += d[row * classCount + k] }
    }
    let dh = featureGradient.reserve(rows * width)
    network.linear.backward(d, rows: rows, into: dh)
    featureDropout.backward(dh, count: rows * width)
    encoder.pooling.split(dh, rows: rows)
    if let cell = network.classificationCell {
      backward(cell, context, encoder, gradients: gradients)
    } else {
      encoder.dh.start.update(from: dh, count: rows * network.configuration.hidden)
    }
  }

  private func backward(
    _ cell: DLNLSTMCell<R>, _ context: ForwardContext<R>, _ encoder: Encoder<R>,
    gradients: UnsafeMutablePointer<R>
  ) {
    let (network, rows, hidden) = (context.network, context.sequence.count, cell.hidden)
    let inputGradient = network.offsets.embedding.map { _ in
      embedding.gradient.reserveZeros(4 * hidden)
    }
    let dc = encoder.dc.reserveZeros(rows * hidden)
    cell.backward(
      rows: rows, step: step(keepsGates: true), dh: featureGradient.start, dc: dc,
      inputGradient: inputGradient,
      inputRow: Self.firstRow(rows), gradients: gradients)
    if network.configuration.zeroInitialCell { dc.clear(rows * hidden) }
    cell.recurrentWeight.addGradient(
      z.start, initialH.start, rows: rows, to: gradients + cell.offsets.weightH)
    cell.recurrentWeight.backward(z.start, rows: rows, into: encoder.dh.start)
    stateDropout.backward(encoder.dh.start, count: rows * hidden)
    if let offset = network.offsets.embedding {
      let size = cell.offsets.inputSize
      let target = embeddingGradient.reserve(size)
      cell.projectBackward(
        network.parameters.values.start + offset, rows: 1, embedding, gradients: gradients,
        xGradient: target)
      R.kernels.add(Int64(size), target, gradients + offset)
    }
  }

  /// Puts the values of each row, [B, C], into another order of the classes.
  private func permute(
    _ values: UnsafeMutablePointer<R>, rows: Int, _ classCount: Int, source: (Int) -> Int
  ) {
    for row in 0..<rows {
      let before = (0..<classCount).map { values[row * classCount + $0] }
      for k in 0..<classCount { values[row * classCount + k] = before[source(k)] }
    }
  }

  private func addScaleGradient(
    _ offsets: ParameterLayout.TaskOffsets, rows: Int, gradients: UnsafeMutablePointer<R>
  ) {
    guard let ngramLogits, let scale = offsets.ngramScale else { return }
    for row in 0..<rows where ngramMask.start[row] == 1 {
      for k in 0..<offsets.classCount {
        let index = row * offsets.classCount + k
        gradients[scale + k] += logitGradient.start[index] * ngramLogits[index]
      }
    }
  }

  private func step(keepsGates: Bool) -> CellStep<R> {
    CellStep(
      z: z.start, previousC: initialC.start, previousH: initialH.start,
      gates: keepsGates ? gates.start : nil, c: c.start, normalizedC: normalizedC.start,
      rstd: rstd.start, h: h.start)
  }

  /// All rows have the same input, the embedding of the task.
  private static func firstRow(_ rows: Int) -> [Int32] { Array(repeating: 0, count: rows) }
}
