import Shards

/// The parts of a trained model, for code that writes or explains them.
extension Classifier {
  /// The part of the model that weighs the n-grams of a task: a bag of words, or the n-gram layer of a
  /// network. Nil without one.
  package func linearPart(of task: String) -> LinearClassifier? {
    if let linear = self as? LinearModel, linear.baseline == .bagOfWords {
      return linear.classifiers.first { $0.summary.name == task }
    }
    return (self as? Model)?.parameters.ngramLayers[task]
  }

  /// The logits of the classes for each row of a shard, [rows, C], before the temperature of the task.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `data` if the model does not know the shard's task and
  ///   classes.
  package func logits(_ shard: TokenShard, threads: Int) throws -> [Float] {
    if let network = self as? Model {
      try network.checkRows(shard)
      let runner = DataParallelRunner(
        network.parameters, microBatches: threads, threads: threads, isFrozen: true)
      return network.predict(shard, asLogits: true, by: runner).probabilities
    }
    try check(shard)
    guard let classifier = linearPart(of: shard.task) else { return [] }
    if classifier.ngrams.characters != nil { try shard.requireUnknownWords() }
    return classifier.logits(classifier.ngrams.rows(shard, 0..<shard.count), threads: threads)
      .map { Float($0) }
  }
}

extension Model {
  /// The parameter with this function in a part of the network as a task uses it; nil without one.
  /// - Returns: the shape, and the values in row-major order.
  package func parameter(
    _ part: ParameterSpec.Part, _ role: ParameterSpec.Role, of task: String
  ) -> (shape: [Int], values: [Float])? {
    let specs = parameters.layout.tasks[task]?.specs ?? []
    guard let spec = specs.first(where: { $0.part == part && $0.role == role }) else { return nil }
    return (
      spec.shape,
      Array(UnsafeBufferPointer(start: parameters.values.start + spec.offset, count: spec.count))
    )
  }

  /// The vectors of all words, [V, I].
  package var wordVectors: [Float] { parameters.embedding.array }
}
