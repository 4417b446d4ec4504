import Support

/// The parameters of a network, without gradients or the state of a training.
///
/// `@unchecked Sendable`: a training changes them from one thread; afterwards they stay as they are.
package final class Parameters<R: Real>: @unchecked Sendable {
  package var configuration: ModelConfiguration
  package let layout: ParameterLayout
  /// All parameters except the word vectors, at the offsets of `layout`.
  package let values: AlignedBuffer<R>
  /// The word vectors, [V, I].
  package let embedding: AlignedBuffer<R>
  package let vocabularySize: Int
  /// The fixed n-gram classifiers of the tasks; empty for a network without an n-gram layer.
  package var ngramLayers: [String: LinearClassifier] = [:]

  /// Parameters that are zero except for the given word vectors, [V, I].
  @_specialize(where R == Float)
  package convenience init(_ configuration: ModelConfiguration, embedding vectors: [R]) {
    self.init(configuration, words: vectors.count / configuration.input)
    vectors.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { embedding.start.update(from: base, count: source.count) }
    }
  }

  /// Parameters that are zero, and undefined word vectors.
  /// - Parameter words: the number of words, V.
  init(_ configuration: ModelConfiguration, words: Int) {
    self.configuration = configuration
    layout = ParameterLayout(configuration)
    values = AlignedBuffer(layout.size, filledWith: 0)
    vocabularySize = words
    embedding = AlignedBuffer()
    embedding.reserve(words * configuration.input)
  }

  /// Draws initial values for the given parameters: weight matrices uniform within 1 / sqrt(H), the
  /// linear layer within 1 / sqrt(F) as in PyTorch, task embeddings with standard deviation 0.1; gains
  /// and scales are 1, shifts 0 except for the forget gate. The values of a parameter depend only on
  /// the seed and its name.
  @_specialize(where R == Float)
  package func initialize(_ specs: [ParameterSpec], seed: Int) {
    for spec in specs {
      let target = values.start + spec.offset
      switch spec.role {
      case .gainX, .gainH, .gainC, .scale: target.update(repeating: 1, count: spec.count)
      case .shiftX, .shiftC: target.clear(spec.count)
      case .shiftH:
        target.clear(spec.count)
        target.update(repeating: R(configuration.forgetBias), count: configuration.hidden)
      case .weightX, .weightH:
        drawUniform(spec, within: 1 / Double(configuration.hidden).squareRoot(), seed: seed)
      case .weight, .bias:
        drawUniform(spec, within: 1 / Double(configuration.headWidth).squareRoot(), seed: seed)
      case .embedding: drawUniform(spec, within: 0.1 * 3.0.squareRoot(), seed: seed)
      }
    }
  }

  private func drawUniform(_ spec: ParameterSpec, within bound: Double, seed: Int) {
    var generator = SplitMix64(PRNGKey(seed: seed).foldIn(spec.name))
    for index in spec.range {
      values.start[index] = R((2 * generator.uniform() - 1) * bound)
    }
  }

  /// Copies the vectors of some words to consecutive rows of `target`.
  func copyVectors(of words: some Sequence<Int32>, to target: UnsafeMutablePointer<R>) {
    let size = configuration.input
    for (row, word) in words.enumerated() {
      (target + row * size).update(from: embedding.start + Int(word) * size, count: size)
    }
  }

  /// Copies the values of another network with the same configuration.
  @_specialize(where R == Float)
  package func copy(from other: Parameters<R>) {
    values.start.update(from: other.values.start, count: layout.size)
    embedding.start.update(from: other.embedding.start, count: embedding.count)
  }
}
