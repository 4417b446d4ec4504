/// The encoder on one packing of rows, forward and backward, with the memory that takes. One thread
/// uses it at a time and reuses it from batch to batch.
final class Encoder<R: Real> {
  /// The final h and c of each packed row, at its own last word, [rows, H].
  let finalH = AlignedBuffer<R>(), finalC = AlignedBuffer<R>()
  /// The gradients of the two, which backward starts from and uses up.
  let dh = AlignedBuffer<R>(), dc = AlignedBuffer<R>()
  /// The gradient of the distinct words' vectors, [words, I].
  let vectorGradient = AlignedBuffer<R>()

  /// h pooled over the rows' steps.
  let pool = PoolingLayer<R>()

  private let vectors = AlignedBuffer<R>(), keepVectors = AlignedBuffer<UInt8>()
  /// The rate at which elements of the vectors were dropped in the last forward.
  private var vectorRate = 0.0
  /// Where the inputs of the last forward came from, if not from the vectors.
  private var frozen: FrozenInputCache<R>?
  private let input = InputProjections<R>()
  private let z = AlignedBuffer<R>(), gates = AlignedBuffer<R>(), scale = AlignedBuffer<R>()
  private let c = AlignedBuffer<R>(), cHat = AlignedBuffer<R>(), h = AlignedBuffer<R>()
  private let dropped = AlignedBuffer<R>(), keep = AlignedBuffer<UInt8>()

  /// Runs all rows to their ends.
  /// - Parameters:
  ///   - frozen: what all words' inputs are, if neither W_x nor the vectors change.
  ///   - dropout: masks for the recurrence and the vectors; nothing while predicting.
  ///   - vectorDropout: the rate for the vectors.
  ///   - keeping: whether backward may follow.
  func forward(
    _ packed: PackedSequence, _ parameters: Parameters<R>, _ cell: DLNLSTMCell<R>,
    frozen: FrozenInputCache<R>? = nil, dropout: (any DropoutSource)?, vectorDropout: Double = 0,
    keeping: Bool
  ) {
    let hidden = cell.hidden
    vectorRate = dropout == nil ? 0 : vectorDropout
    self.frozen = vectorRate > 0 ? nil : frozen
    if let frozen = self.frozen {
      cell.project(packed.words, from: frozen, state: input)
    } else {
      let target = vectors.reserve(packed.words.count * cell.layout.inputSize)
      parameters.copyVectors(of: packed.words, to: target)
      if let dropout, vectorRate > 0 { dropVectors(packed.words, dropout, parameters) }
      cell.project(vectors.start, rows: packed.words.count, state: input)
    }
    reserve(packed, hidden: hidden, keeping: keeping)
    pool.begin(packed, parameters.configuration)
    let rate = parameters.configuration.recurrentDropout

    packed.wordRow.withUnsafeBufferPointer { wordRow in
      for step in 0..<packed.steps {
        let rows = packed.active[step]
        let now = place(step, packed, keeping)
        var previous = UnsafePointer(h.start + now.before * hidden)
        if keeping {
          let target = dropped.start + now.token * hidden
          if step > 0, let dropout, rate > 0 {
            let keep = keep.start + now.token * hidden
            dropout.fill(
              keep, width: hidden, site: .recurrent, batchIndices: packed.batchIndices[..<rows],
              step: step,
              rate: rate)
            R.kernels.dropoutApply(Int64(rows * hidden), keep, R(1 / (1 - rate)), previous, target)
          } else {
            target.update(from: previous, count: rows * hidden)
          }
          previous = UnsafePointer(target)
        }
        let places = cellStep(now, hidden)
        if step == 0 {
          places.z.clear(rows * 4 * hidden)  // h is zero
        } else {
          cell.recur(previous, rows: rows, into: places.z)
        }
        cell.forward(
          rows: rows, input: input.result.start,
          inputRow: wordRow.baseAddress.map { $0 + now.word },
          step: places)
        pool.take(places.h, rows: rows, step: step)
        keepFinal(packed, step: step, places, hidden)
      }
    }
  }

  /// From `dh`, `dc` and what the pool holds to the gradients of the parameters, added to `gradients`.
  /// - Parameters:
  ///   - trainsWeights: whether W_h, W_x and the word vectors learn; while fine-tuning only the
  ///     norms do.
  func backward(
    _ packed: PackedSequence, _ parameters: Parameters<R>, _ cell: DLNLSTMCell<R>, dropout: Bool,
    trainsWeights: Bool, gradients: UnsafeMutablePointer<R>
  ) {
    let hidden = cell.hidden
    let words = packed.words.count
    let rate = parameters.configuration.recurrentDropout
    input.gradient.reserveZeros(words * 4 * hidden)

    packed.wordRow.withUnsafeBufferPointer { wordRow in
      for step in stride(from: packed.steps - 1, through: 0, by: -1) {
        let rows = packed.active[step]
        let now = place(step, packed, true)
        let places = cellStep(now, hidden)
        pool.addGradient(to: dh.start, rows: rows, step: step)
        cell.backward(
          rows: rows, step: places, dh: dh.start, dc: dc.start, inputGradient: input.gradient.start,
          inputRow: wordRow.baseAddress.map { $0 + now.word }, gradients: gradients)
        guard step > 0 else { break }
        cell.recurBackward(places.z, rows: rows, into: dh.start)
        if dropout, rate > 0 {
          R.kernels.dropoutApply(
            Int64(rows * hidden), keep.start + now.token * hidden, R(1 / (1 - rate)), dh.start,
            dh.start)
        }
      }
    }
    if trainsWeights, packed.steps > 1 {
      // The first step's h is zero, so its rows add nothing to the gradient of W_h.
      let first = packed.offsets[1]
      R.accumulateAtB(
        4 * hidden, hidden, packed.tokens - first, z.start + first * 4 * hidden,
        dropped.start + first * hidden, gradients + cell.layout.weightH)
    }
    if let frozen {
      return cell.projectBackward(packed.words, from: frozen, state: input, gradients: gradients)
    }
    cell.projectBackward(
      vectors.start, rows: words, state: input, gradients: gradients,
      inputGradient: trainsWeights ? vectorGradient.reserve(words * cell.layout.inputSize) : nil)
    if trainsWeights, vectorRate > 0 {
      R.kernels.dropoutApply(
        Int64(words * cell.layout.inputSize), keepVectors.start, R(1 / (1 - vectorRate)),
        vectorGradient.start, vectorGradient.start)
    }
  }

  /// The places of one step: `state` and `before` count rows of c and h, `token` rows of the rest.
  private struct Place {
    var state: Int
    var before: Int
    var token: Int
    var word: Int
  }

  /// When nothing is kept, two blocks of rows serve all steps in turn.
  private func place(_ step: Int, _ packed: PackedSequence, _ keeping: Bool) -> Place {
    let word = packed.offsets[step]
    guard keeping else {
      return Place(
        state: step % 2 * packed.count, before: (step + 1) % 2 * packed.count, token: 0, word: word)
    }
    let before = step == 0 ? 0 : packed.count + packed.offsets[step - 1]
    return Place(state: packed.count + word, before: before, token: word, word: word)
  }

  private func cellStep(_ place: Place, _ hidden: Int) -> CellStep<R> {
    CellStep(
      z: z.start + place.token * 4 * hidden, before: c.start + place.before * hidden,
      gates: gates.start + place.token * 4 * hidden, c: c.start + place.state * hidden,
      cHat: cHat.start + place.token * hidden, scale: scale.start + place.token * 5,
      h: h.start + place.state * hidden)
  }

  private func keepFinal(
    _ packed: PackedSequence, step: Int, _ places: CellStep<R>, _ hidden: Int
  ) {
    let running = step + 1 < packed.steps ? packed.active[step + 1] : 0
    let ended = packed.active[step] - running
    guard ended > 0 else { return }
    let skip = running * hidden
    (finalH.start + skip).update(from: places.h + skip, count: ended * hidden)
    (finalC.start + skip).update(from: places.c + skip, count: ended * hidden)
  }

  private func dropVectors(
    _ words: [Int32], _ dropout: any DropoutSource, _ parameters: Parameters<R>
  ) {
    let size = parameters.configuration.input
    let keep = keepVectors.reserve(words.count * size)
    for (row, word) in words.enumerated() {
      dropout.fill(
        keep + row * size, count: size, site: .vectors, row: Int(word), step: 0, rate: vectorRate)
    }
    R.kernels.dropoutApply(
      Int64(words.count * size), keep, R(1 / (1 - vectorRate)), vectors.start, vectors.start)
  }

  private func reserve(_ packed: PackedSequence, hidden: Int, keeping: Bool) {
    let rows = keeping ? packed.tokens : packed.count
    let states = packed.count * 2 + (keeping ? packed.tokens : 0)
    for buffer in [z, gates] { buffer.reserve(rows * 4 * hidden) }
    scale.reserve(rows * 5)
    cHat.reserve(rows * hidden)
    for buffer in [c, h] {
      buffer.reserve(states * hidden)
      // The states before the first step: the first block when all are kept, else the second.
      let first = keeping ? 0 : packed.count
      (buffer.start + first * hidden).clear(packed.count * hidden)
    }
    for buffer in [finalH, finalC, dh, dc] {
      buffer.reserveZeros(packed.count * hidden)
    }
    if keeping {
      dropped.reserve(rows * hidden)
      keep.reserve(rows * hidden)
    }
  }
}
