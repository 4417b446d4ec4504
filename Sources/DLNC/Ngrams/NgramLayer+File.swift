import Safetensors
import Shards
import Support

/// The layer in a model file: as a linear model's, its weights under `ngrams.` for `head.`.
extension NgramLayer<Float> {
  /// The names of its tensors.
  static func tensors(of task: String) -> [String] {
    SoftmaxClassifier.tensors(of: task, room: "ngrams")
  }

  /// Puts the layer into a file.
  func store(_ task: TaskDescription, in document: inout SafetensorsDocument) {
    SoftmaxClassifier(
      summary: TaskClassifier(name: task.name, classNames: task.classNames), ngrams: ngrams,
      weights: weights.array
    ).store(in: &document, room: "ngrams")
  }

  /// Reads a task's layer.
  /// - Throws: ``UserError`` of kind `data`: n-grams must be of known words and in order, weights
  ///   numbers.
  convenience init(_ task: TaskDescription, in file: SafetensorsFile, vocabularySize: Int) throws {
    let head = try SoftmaxClassifier(
      TaskClassifier(name: task.name, classNames: task.classNames), in: file,
      vocabularySize: vocabularySize,
      room: "ngrams")
    self.init(head.ngrams, classCount: task.classNames.count, weights: head.weights)
  }
}
