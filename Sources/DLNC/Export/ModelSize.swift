/// The size of a model.
public struct ModelSize: Encodable, Sendable {
  /// The size of the file.
  public let bytes: Int
  /// The number of parameters, with the word vectors.
  public let parameters: Int
  /// The number of words, with `<unk>`.
  public let words: Int
  /// The number of tasks.
  public let tasks: Int
  /// The number of n-grams by task, of those that have any.
  public let ngrams: [String: Int]

  /// The size of a model in a file of `bytes` bytes.
  public init(_ model: any Classifier, bytes: Int) {
    (self.bytes, parameters) = (bytes, model.parameterCount)
    (words, tasks) = (model.vocabulary.count, model.knownTasks.count)
    ngrams = model.knownTasks.reduce(into: [:]) { $0[$1] = model.ngramCount(of: $1) }
  }

  /// The size of a model in a file or folder.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(_ model: any Classifier, at path: String) throws {
    self.init(model, bytes: try modelFile(at: path).bytes.count)
  }
}
