import Foundation

/// Adam (Kingma and Ba 2015, algorithm 1) that touches only what a batch used: parameters of other
/// tasks and vectors of other words keep their values and moments, as PyTorch's SparseAdam does.
final class Adam<R: Real> {
  /// First and second moments of the parameters, laid out as these.
  let m: AlignedBuffer<R>, v: AlignedBuffer<R>
  /// The same of the word vectors, [vocabulary, I].
  let vectorM: AlignedBuffer<R>, vectorV: AlignedBuffer<R>
  /// How many steps each parameter has taken, in the order of the layout's entries.
  private(set) var steps: [Int]
  /// How many steps the word vectors have taken.
  private(set) var vectorSteps = 0

  private let parameters: Parameters<R>
  private let beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8

  /// No step taken yet. Moments of word vectors are kept only if these learn.
  init(_ parameters: Parameters<R>, trainsVectors: Bool) {
    self.parameters = parameters
    m = AlignedBuffer(parameters.layout.size, filledWith: 0)
    v = AlignedBuffer(parameters.layout.size, filledWith: 0)
    vectorM = AlignedBuffer(trainsVectors ? parameters.embedding.count : 0, filledWith: 0)
    vectorV = AlignedBuffer(trainsVectors ? parameters.embedding.count : 0, filledWith: 0)
    steps = Array(repeating: 0, count: parameters.layout.specs.count)
  }

  /// One step against `gradients`, each multiplied by `factor` first, as clipping asks.
  /// - Parameters:
  ///   - vectorRate: what the rate is multiplied by for word vectors.
  ///   - encoderRate: the same for the encoder's weights.
  ///   - decay: the share of matrices and of the batch's word vectors that each step takes away,
  ///     times the rate (Loshchilov and Hutter 2019, "decoupled weight decay"). Gains, shifts and
  ///     biases are left alone: a gain is at home at 1, not at 0.
  func step(
    _ gradients: Gradients<R>, rate: Double, vectorRate: Double = 1, encoderRate: Double = 1,
    decay: Double = 0, factor: Double, threads: Int
  ) {
    let specs = gradients.specs
    let rates = specs.map { $0.isEncoderWeight ? rate * encoderRate : rate }
    let factors = zip(specs, rates).map { spec, rate in
      steps[spec.index] += 1
      return corrected(rate: rate, step: steps[spec.index])
    }
    nonisolated(unsafe) let (values, slope) = (parameters.values.start, gradients.values.start)
    nonisolated(unsafe) let (m, v) = (m.start, v.start)
    let (beta1, beta2, epsilon) = (R(beta1), R(beta2), R(epsilon))
    let pieces = specs.indices.flatMap { entry in
      specs[entry].chunks.map { (entry, $0.lowerBound, $0.count) }
    }
    parallelFor(pieces.count, threads: threads) { piece in
      let (entry, offset, count) = pieces[piece]
      if decay > 0, specs[entry].isWeight {
        R.kernels.scale(Int64(count), R(1 - rates[entry] * decay), values + offset)
      }
      R.kernels.adam(
        Int64(count), R(factors[entry].rate), beta1, beta2, R(factors[entry].correction), epsilon,
        R(factor), slope + offset, m + offset, v + offset, values + offset)
    }
    stepVectors(
      gradients, rate: rate * vectorRate, decay: decay, factor: factor, threads: threads)
  }

  private func stepVectors(
    _ gradients: Gradients<R>, rate: Double, decay: Double, factor: Double, threads: Int
  ) {
    let words = gradients.words
    guard !words.isEmpty else { return }
    vectorSteps += 1
    let corrected = corrected(rate: rate, step: vectorSteps)
    let size = parameters.configuration.input
    nonisolated(unsafe) let (values, slope) = (parameters.embedding.start, gradients.vectors.start)
    nonisolated(unsafe) let (m, v) = (vectorM.start, vectorV.start)
    let (beta1, beta2, epsilon) = (R(beta1), R(beta2), R(epsilon))
    let few = 64  // words at a time
    parallelFor((words.count + few - 1) / few, threads: threads) { piece in
      for row in piece * few..<min(words.count, (piece + 1) * few) {
        let offset = Int(words[row]) * size
        if decay > 0 { R.kernels.scale(Int64(size), R(1 - rate * decay), values + offset) }
        R.kernels.adam(
          Int64(size), R(corrected.rate), beta1, beta2, R(corrected.correction), epsilon,
          R(factor), slope + row * size, m + offset, v + offset, values + offset)
      }
    }
  }

  /// Takes up the numbers of steps of an interrupted run.
  func restore(steps: [Int], vectorSteps: Int) {
    self.steps = steps
    self.vectorSteps = vectorSteps
  }

  /// The rate with the correction of the first moment's bias, and the factor of the second's root.
  private func corrected(rate: Double, step: Int) -> (rate: Double, correction: Double) {
    (
      rate / (1 - pow(beta1, Double(step))),
      1 / (1 - pow(beta2, Double(step))).squareRoot()
    )
  }
}
