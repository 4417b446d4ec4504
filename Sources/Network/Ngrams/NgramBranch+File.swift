import Tensors

/// The layer in a model file: as a linear model's, its weights under `ngrams.` for `head.`.
extension NgramBranch<Float> {
  /// The names of its tensors.
  static func tensors(of task: String) -> [String] {
    LinearHead.tensors(of: task, room: "ngrams")
  }

  /// Puts the layer into a file.
  func store(_ task: TaskDescription, in document: inout TensorDocument) {
    LinearHead(
      summary: LinearTask(name: task.name, labels: task.labels), ngrams: ngrams,
      weights: weights.array
    ).store(in: &document, room: "ngrams")
  }

  /// Reads a task's layer.
  /// - Throws: ``Refusal`` of kind `data`: n-grams must be of known words and in order, weights
  ///   numbers.
  convenience init(_ task: TaskDescription, in file: TensorFile, vocabularySize: Int) throws {
    let head = try LinearHead(
      LinearTask(name: task.name, labels: task.labels), in: file, vocabularySize: vocabularySize,
      room: "ngrams")
    self.init(head.ngrams, classes: task.labels.count, weights: head.weights)
  }
}
