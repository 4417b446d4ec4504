import DLNC
import Foundation

/// Adam (Kingma and Ba 2015, algorithm 1) that updates only what a batch used: parameters of other
/// tasks and vectors of other words keep their values and moments, as with SparseAdam in PyTorch.
final class Adam<R: Real> {
  /// The first and second moments of the parameters, laid out as these.
  let m: AlignedBuffer<R>, v: AlignedBuffer<R>
  /// The moments of the word vectors, [V, I]; empty if these are not trained.
  let vectorM: AlignedBuffer<R>, vectorV: AlignedBuffer<R>
  /// The number of steps of each parameter, in the order of ``ParameterLayout/specs``.
  private(set) var steps: [Int]
  /// The number of steps of the word vectors.
  private(set) var vectorSteps = 0

  private let parameters: Parameters<R>
  private let vectorRate: Double, encoderRate: Double, decay: Double
  private let threads: Int
  private let beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8

  /// - Parameters:
  ///   - vectorRate: the factor of the learning rate for word vectors.
  ///   - encoderRate: the factor of the learning rate for the encoder's weights.
  ///   - decay: the part of weight matrices and of the batch's word vectors that each step takes away,
  ///     times the learning rate (decoupled weight decay, Loshchilov and Hutter 2019).
  ///   - threads: the number of threads; does not change the result.
  init(
    _ parameters: Parameters<R>, trainsVectors: Bool, vectorRate: Double = 1,
    encoderRate: Double = 1, decay: Double = 0, threads: Int
  ) {
    self.parameters = parameters
    (self.vectorRate, self.encoderRate, self.decay) = (vectorRate, encoderRate, decay)
    self.threads = threads
    m = AlignedBuffer(parameters.layout.size, filledWith: 0)
    v = AlignedBuffer(parameters.layout.size, filledWith: 0)
    vectorM = AlignedBuffer(trainsVectors ? parameters.embedding.count : 0, filledWith: 0)
    vectorV = AlignedBuffer(trainsVectors ? parameters.embedding.count : 0, filledWith: 0)
    steps = Array(repeating: 0, count: parameters.layout.specs.count)
  }

  /// Updates the parameters and word vectors of a batch.
  /// - Parameter scale: the factor of the gradients, from clipping.
  func step(_ gradients: Gradients<R>, rate: Double, scale: Double) {
    let specs = gradients.specs
    let rates = specs.map { $0.isEncoderWeight ? rate * encoderRate : rate }
    let factors = zip(specs, rates).map { spec, rate in
      steps[spec.index] += 1
      return corrected(rate: rate, step: steps[spec.index])
    }
    nonisolated(unsafe) let (values, slope) = (parameters.values.start, gradients.values.start)
    nonisolated(unsafe) let (m, v) = (m.start, v.start)
    let (beta1, beta2, epsilon, decay) = (R(beta1), R(beta2), R(epsilon), decay)
    // Each access from another module copies the table.
    nonisolated(unsafe) let (adam, shrink) = (R.kernels.adam, R.kernels.scale)
    let chunks = specs.indices.flatMap { index in
      specs[index].chunks.map { (index, $0.lowerBound, $0.count) }
    }
    parallelFor(chunks.count, threads: threads) { chunk in
      let (index, offset, count) = chunks[chunk]
      if decay > 0, specs[index].isWeight {
        shrink(Int64(count), R(1 - rates[index] * decay), values + offset)
      }
      adam(
        Int64(count), R(factors[index].rate), beta1, beta2, R(factors[index].correction), epsilon,
        R(scale), slope + offset, m + offset, v + offset, values + offset)
    }
    stepVectors(gradients, rate: rate * vectorRate, scale: scale)
  }

  private func stepVectors(_ gradients: Gradients<R>, rate: Double, scale: Double) {
    let words = gradients.words
    guard !words.isEmpty else { return }
    vectorSteps += 1
    let corrected = corrected(rate: rate, step: vectorSteps)
    let size = parameters.configuration.input
    nonisolated(unsafe) let (values, slope) = (parameters.embedding.start, gradients.vectors.start)
    nonisolated(unsafe) let (m, v) = (vectorM.start, vectorV.start)
    let (beta1, beta2, epsilon, decay) = (R(beta1), R(beta2), R(epsilon), decay)
    // Each access from another module copies the table.
    nonisolated(unsafe) let (adam, shrink) = (R.kernels.adam, R.kernels.scale)
    let chunkSize = 64  // words
    parallelFor((words.count + chunkSize - 1) / chunkSize, threads: threads) { chunk in
      for row in chunk * chunkSize..<min(words.count, (chunk + 1) * chunkSize) {
        let offset = Int(words[row]) * size
        if decay > 0 { shrink(Int64(size), R(1 - rate * decay), values + offset) }
        adam(
          Int64(size), R(corrected.rate), beta1, beta2, R(corrected.correction), epsilon,
          R(scale), slope + row * size, m + offset, v + offset, values + offset)
      }
    }
  }

  /// Restores the numbers of steps from a checkpoint.
  func restore(steps: [Int], vectorSteps: Int) {
    self.steps = steps
    self.vectorSteps = vectorSteps
  }

  /// The learning rate with the bias correction of the first moment, and the factor that corrects the
  /// root of the second moment.
  private func corrected(rate: Double, step: Int) -> (rate: Double, correction: Double) {
    (
      rate / (1 - pow(beta1, Double(step))),
      1 / (1 - pow(beta2, Double(step))).squareRoot()
    )
  }
}
