import Support

/// The parameters of a network and nothing else: no state, no gradients.
final class Parameters<R: Real> {
  let configuration: ModelConfiguration
  let layout: ParameterLayout
  /// All but the word vectors, as `layout` says.
  let values: AlignedBuffer<R>
  /// The word vectors, [vocabulary, I].
  let embedding: AlignedBuffer<R>
  let vocabularySize: Int
  /// The fixed n-gram classifiers of the tasks; empty for a network without an n-gram layer.
  var ngramLayers: [String: SoftmaxClassifier] = [:]

  /// Parameters with everything zero but the given word vectors, [vocabulary, I].
  init(_ configuration: ModelConfiguration, embedding vectors: [R]) {
    self.configuration = configuration
    layout = ParameterLayout(configuration)
    values = AlignedBuffer(layout.size, filledWith: 0)
    vocabularySize = vectors.count / configuration.input
    embedding = AlignedBuffer(vectors.count, filledWith: 0)
    vectors.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { embedding.start.update(from: base, count: source.count) }
    }
  }

  /// Draws fresh values for the given entries: weights uniform within 1 / sqrt(H), those of the
  /// linear layer within 1 / sqrt of its inputs, as PyTorch does, gains and scales 1, shifts 0 but
  /// the forget part of the shift of h, task embeddings of deviation 0.1.
  /// Each parameter's draw depends on the seed and its name alone.
  func initialize(_ specs: [ParameterLayout.ParameterSpec], seed: Int) {
    let hidden = configuration.hidden
    let bound = 1 / Double(hidden).squareRoot()
    let headBound = 1 / Double(configuration.headWidth).squareRoot()
    for entry in specs {
      var generator = SplitMix64(PRNGKey(seed: seed).foldIn(entry.name))
      let target = values.start + entry.offset
      let last = entry.name.split(separator: ".").last ?? ""
      switch last {
      case "gain", "scale": target.update(repeating: 1, count: entry.count)
      case _ where last == "shift" || entry.name == "encoder.bias":
        target.clear(entry.count)
        if entry.name.hasSuffix("h.shift") || entry.name == "encoder.bias" {
          target.update(repeating: R(configuration.forgetBias), count: hidden)
        }
      default:
        let width =
          switch entry.name.split(separator: ".").first {
          case "task_embedding": 0.1 * 3.0.squareRoot()
          case "head": headBound
          default: bound
          }
        for index in 0..<entry.count { target[index] = R((2 * generator.uniform() - 1) * width) }
      }
    }
  }

  /// Copies the vectors of some words, one behind the other.
  func copyVectors(of words: some Sequence<Int32>, to target: UnsafeMutablePointer<R>) {
    let size = configuration.input
    for (row, word) in words.enumerated() {
      (target + row * size).update(from: embedding.start + Int(word) * size, count: size)
    }
  }

  /// Copies another network's values for the same names.
  func copy(from other: Parameters<R>) {
    values.start.update(from: other.values.start, count: layout.size)
    embedding.start.update(from: other.embedding.start, count: embedding.count)
  }
}
