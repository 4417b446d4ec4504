/// The classification part on one packing of rows: the further cell fed by the task embedding, the
/// linear layer and the softmax, forward and backward, with the memory that takes.
final class ClassificationHead<R: Real> {
  /// The logits of each packed row, before their dropout, [rows, classes].
  let logits = AlignedBuffer<R>()
  /// The hidden vector that the linear layer gets, before its dropout, and the cell's c, [rows, H].
  let h = AlignedBuffer<R>(), c = AlignedBuffer<R>()
  /// The gradient of the logits, once the loss is known, [rows, classes].
  let outputGradient = AlignedBuffer<R>()

  private let input = InputProjections<R>()
  private let z = AlignedBuffer<R>(), gates = AlignedBuffer<R>(), scale = AlignedBuffer<R>()
  private let cHat = AlignedBuffer<R>(), before = AlignedBuffer<R>(), start = AlignedBuffer<R>()
  private let features = AlignedBuffer<R>(), dh = AlignedBuffer<R>()
  private let keepStart = AlignedBuffer<UInt8>(), keepHead = AlignedBuffer<UInt8>(),
    keepLogits = AlignedBuffer<UInt8>()
  private let embeddingGradient = AlignedBuffer<R>()
  /// The logits of the n-gram layer in the last forward pass, [rows, classes]; nil without one.
  private var ngramLogits: UnsafePointer<R>?
  /// Whether each row has the n-gram layer, [rows].
  private let keepNgrams = AlignedBuffer<UInt8>()

  /// From the encoder's final h and c to the logits.
  func forward(
    _ packed: PackedSequence, _ parameters: Parameters<R>, _ layout: ParameterLayout.TaskOffsets,
    weights: PackedTaskWeights<R>, encoder: Encoder<R>, dropout: (any DropoutSource)?,
    ngramLogits: UnsafePointer<R>? = nil
  ) {
    let configuration = parameters.configuration
    let (hidden, rows) = (configuration.hidden, packed.count)
    h.reserve(rows * hidden)
    c.reserve(rows * hidden)
    if let cellLayout = layout.classifier {
      let cell = DLNLSTMCell(cellLayout, parameters, weights.classifier)
      start.reserve(rows * hidden)
      drop(
        encoder.finalH.start, into: start.start, width: hidden, packed, keepStart, dropout,
        .classifierRecurrent, configuration.recurrentDropout)
      before.reserveZeros(rows * hidden)
      if !configuration.zeroInitialCell {
        before.start.update(from: encoder.finalC.start, count: rows * hidden)
      }
      for buffer in [z, gates] { buffer.reserve(rows * 4 * hidden) }
      scale.reserve(rows * 5)
      cHat.reserve(rows * hidden)
      cell.recur(start.start, rows: rows, into: z.start)
      if let embedding = layout.embedding {
        cell.project(cell.values + embedding, rows: 1, state: input)
      }
      cell.forward(
        rows: rows, input: layout.embedding.map { _ in UnsafePointer(input.result.start) },
        inputRow: Self.firstRow(rows), step: step)
    } else {
      h.start.update(from: encoder.finalH.start, count: rows * hidden)
      c.start.update(from: encoder.finalC.start, count: rows * hidden)
    }
    let width = configuration.headWidth
    features.reserve(rows * width)
    drop(
      encoder.pool.join(h.start, rows: rows), into: features.start, width: width, packed, keepHead,
      dropout, .head, configuration.headDropout)
    let values = parameters.values.start
    logits.reserve(rows * layout.classCount)
    weights.head.forward(features.start, rows: rows, into: logits.start)
    for row in 0..<rows {
      for k in 0..<layout.classCount {
        logits.start[row * layout.classCount + k] += values[layout.headBias + k]
      }
    }
    self.ngramLogits = ngramLogits
    if let ngramLogits { add(ngramLogits, packed, parameters, layout, dropout) }
  }

  /// Adds the scaled logits of the n-gram layer, except to rows where dropout leaves the layer out.
  private func add(
    _ ngramLogits: UnsafePointer<R>, _ packed: PackedSequence, _ parameters: Parameters<R>,
    _ layout: ParameterLayout.TaskOffsets, _ dropout: (any DropoutSource)?
  ) {
    guard let scale = layout.ngramScale else { return }
    let (rows, classCount) = (packed.count, layout.classCount)
    let rate = parameters.configuration.ngrams?.dropout ?? 0
    keepNgrams.reserve(rows).update(repeating: 1, count: rows)
    if let dropout, rate > 0 {
      dropout.fill(
        keepNgrams.start, width: 1, site: .ngrams, batchIndices: packed.batchIndices[...], step: 0,
        rate: rate)
    }
    for row in 0..<rows where keepNgrams.start[row] == 1 {
      for k in 0..<classCount {
        logits.start[row * classCount + k] +=
          parameters.values.start[scale + k] * ngramLogits[row * classCount + k]
      }
    }
  }

  private func addScaleGradient(
    _ layout: ParameterLayout.TaskOffsets, rows: Int, gradients: UnsafeMutablePointer<R>
  ) {
    guard let ngramLogits, let scale = layout.ngramScale else { return }
    for row in 0..<rows where keepNgrams.start[row] == 1 {
      for k in 0..<layout.classCount {
        let index = row * layout.classCount + k
        gradients[scale + k] += outputGradient.start[index] * ngramLogits[index]
      }
    }
  }

  /// The sum of the rows' cross-entropies. The gradient of their mean over `batchRows` rows is kept
  /// for ``backward(_:_:_:encoder:dropout:trainsCell:gradients:)``. With `smoothing` the gradient is
  /// that of the cross-entropy with smoothed targets, while the sum stays plain, so that losses of
  /// training and validation can be compared.
  /// - Returns: the summed loss, and how many rows have their class's logit as the largest.
  func loss(
    _ packed: PackedSequence, _ parameters: Parameters<R>, _ layout: ParameterLayout.TaskOffsets,
    batchRows: Int,
    dropout: (any DropoutSource)?, smoothing: Double = 0
  ) -> (sum: Double, correct: Int) {
    let (rows, classCount) = (packed.count, layout.classCount)
    let rate = parameters.configuration.logitDropout
    let gradient = outputGradient.reserve(rows * classCount)
    drop(
      logits.start, into: gradient, width: classCount, packed, keepLogits, dropout, .logits, rate)
    var result = (sum: 0.0, correct: 0)
    for row in 0..<rows {
      let values = UnsafeMutableBufferPointer(start: gradient + row * classCount, count: classCount)
      let target = Int(packed.labels[row])
      if argmax(logits.start + row * classCount, count: classCount) == target {
        result.correct += 1
      }
      result.sum += softmax(values, target: target)
      values[target] -= R(1 - smoothing)
      if smoothing > 0 {
        for k in 0..<classCount { values[k] -= R(smoothing / Double(classCount)) }
      }
      for k in 0..<classCount { values[k] /= R(batchRows) }
    }
    if dropout != nil, rate > 0 {
      R.kernels.dropoutApply(
        Int64(rows * classCount), keepLogits.start, R(1 / (1 - rate)), gradient, gradient)
    }
    return result
  }

  /// From the kept gradient of the loss to those of the parameters, added to `gradients`, and of
  /// the encoder's final h and c, stored there.
  func backward(
    _ packed: PackedSequence, _ parameters: Parameters<R>, _ layout: ParameterLayout.TaskOffsets,
    weights: PackedTaskWeights<R>, encoder: Encoder<R>, dropout: Bool,
    gradients: UnsafeMutablePointer<R>
  ) {
    let configuration = parameters.configuration
    let (hidden, rows, classCount) = (configuration.hidden, packed.count, layout.classCount)
    let values = parameters.values.start
    let d = outputGradient.start
    let width = configuration.headWidth
    R.accumulateAtB(classCount, width, rows, d, features.start, gradients + layout.headWeight)
    for row in 0..<rows {
      for k in 0..<classCount { gradients[layout.headBias + k] += d[row * classCount + k] }
    }
    addScaleGradient(layout, rows: rows, gradients: gradients)
    dh.reserve(rows * width)
    weights.head.backward(d, rows: rows, into: dh.start)
    undrop(dh.start, rows * width, keepHead, dropout, configuration.headDropout)
    encoder.pool.split(dh.start, rows: rows)
    guard let cellLayout = layout.classifier else {
      encoder.dh.start.update(from: dh.start, count: rows * hidden)
      return
    }
    let cell = DLNLSTMCell(cellLayout, parameters, weights.classifier)
    let inputGradient = layout.embedding.map { _ in
      input.gradient.reserveZeros(4 * hidden)
    }
    let dc = encoder.dc.reserveZeros(rows * hidden)
    cell.backward(
      rows: rows, step: step, dh: dh.start, dc: dc, inputGradient: inputGradient,
      inputRow: Self.firstRow(rows), gradients: gradients)
    if configuration.zeroInitialCell { dc.clear(rows * hidden) }
    R.accumulateAtB(
      4 * hidden, hidden, rows, z.start, start.start, gradients + cellLayout.weightH)
    cell.recurBackward(z.start, rows: rows, into: encoder.dh.start)
    undrop(
      encoder.dh.start, rows * hidden, keepStart, dropout, configuration.recurrentDropout)
    if let embedding = layout.embedding {
      let size = cellLayout.inputSize
      let target = embeddingGradient.reserve(size)
      cell.projectBackward(
        values + embedding, rows: 1, state: input, gradients: gradients, inputGradient: target)
      R.kernels.add(Int64(size), target, gradients + embedding)
    }
  }

  private var step: CellStep<R> {
    CellStep(
      z: z.start, before: before.start, gates: gates.start, c: c.start, cHat: cHat.start,
      scale: scale.start, h: h.start)
  }

  /// Every row takes the one input there is: the task's.
  private static func firstRow(_ rows: Int) -> [Int32] { Array(repeating: 0, count: rows) }

  private func drop(
    _ source: UnsafePointer<R>, into target: UnsafeMutablePointer<R>, width: Int,
    _ packed: PackedSequence, _ keep: AlignedBuffer<UInt8>, _ dropout: (any DropoutSource)?,
    _ site: DropoutSite, _ rate: Double
  ) {
    guard let dropout, rate > 0 else {
      target.update(from: source, count: packed.count * width)
      return
    }
    keep.reserve(packed.count * width)
    dropout.fill(
      keep.start, width: width, site: site, batchIndices: packed.batchIndices[...], step: 0,
      rate: rate)
    R.kernels.dropoutApply(
      Int64(packed.count * width), keep.start, R(1 / (1 - rate)), source, target)
  }

  private func undrop(
    _ gradient: UnsafeMutablePointer<R>, _ count: Int, _ keep: AlignedBuffer<UInt8>,
    _ dropout: Bool,
    _ rate: Double
  ) {
    guard dropout, rate > 0 else { return }
    R.kernels.dropoutApply(Int64(count), keep.start, R(1 / (1 - rate)), gradient, gradient)
  }
}
