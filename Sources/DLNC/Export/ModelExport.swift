import Safetensors
import Shards
import Support
import Tokenization

/// How a model is made smaller for use, without training it further.
public struct ExportOptions: Sendable {
  /// How its weights are stored.
  public var weights = WeightType.float32
  /// The tasks to keep; empty for all.
  public var tasks: [String] = []
  /// The number of words to keep, with `<unk>`: the most frequent ones. Nil for all.
  public var words: Int?
  /// The rows of each task in which the frequencies of words are counted; empty for the counts of the
  /// vocabulary. See ``Vocabulary/mostFrequent(_:in:)``.
  public var rows: [TokenShard] = []
  /// The number of n-grams of each task to keep, those that can change a prediction most; see
  /// ``Classifier/exported(_:)``. Nil for all.
  public var ngrams: Int?

  /// Options that change nothing.
  public init() {}
}

extension Classifier {
  /// The model with the chosen tasks, words and n-grams.
  ///
  /// Of the n-grams of a task those are kept whose difference of the greatest and the least weight of the
  /// classes, times the inverse document frequency, is greatest; in a multi-label task, whose greatest
  /// magnitude is.
  /// - Throws: ``UserError`` with exit status `usage` if it does not know a task.
  public func exported(_ options: ExportOptions) throws -> any Classifier {
    if let unknown = options.tasks.first(where: { !knownTasks.contains($0) }) {
      throw UserError(
        .usage, at: "--task \(unknown)", problem: "a task that the model does not know",
        expected: "one of: \(knownTasks.joined(separator: ", "))")
    }
    var result: any Classifier = self
    if !options.tasks.isEmpty { result = result.keeping(tasks: Set(options.tasks)) }
    if let words = options.words, words < result.vocabulary.count {
      result = result.keeping(words: result.vocabulary.mostFrequent(words, in: options.rows))
    }
    return options.ngrams.map { result.keeping(ngrams: $0) } ?? result
  }

  /// The model as a file. All matrices are stored as `weights`, and so are the inverse document
  /// frequencies of n-grams; biases, norms, task embeddings and scales in single precision.
  ///
  /// The file has a version and the metadata key `weights` to itself, unless these are in single precision.
  /// - Throws: ``UserError`` with exit status `data` if a weight is not a finite number.
  public func document(weights: WeightType) throws -> SafetensorsDocument {
    var document = try document()
    guard weights != .float32 else { return document }
    try document.compact(weights) { $0.hasPrefix(LinearClassifier.rarityPrefix) }
    document.metadata["version"] = compactFormatVersion
    document.metadata["weights"] = weights.rawValue
    return document
  }

  /// The number of n-grams of a task; nil if the model has no weights of n-grams for it.
  public func ngramCount(of task: String) -> Int? { linearPart(of: task)?.ngrams.count }
}

extension LinearModel {
  /// The model with some of its tasks. Those that were pooled have the tensors of the first that is left.
  public func keeping(tasks: Set<String>) -> LinearModel {
    var owners: [String: String] = [:]
    let kept = classifiers.filter { tasks.contains($0.summary.name) }.map { classifier in
      var classifier = classifier
      if let pool = classifier.summary.pool {
        owners[pool] = owners[pool] ?? classifier.summary.name
        classifier.summary.pool = owners[pool]
      }
      return classifier
    }
    return LinearModel(baseline: baseline, vocabulary: vocabulary, seed: seed, classifiers: kept)
  }

  /// The model with some of its words and the n-grams of these.
  public func keeping(words ids: [Int]) -> LinearModel {
    let vocabulary = vocabulary.keeping(ids)
    return LinearModel(
      baseline: baseline, vocabulary: vocabulary, seed: seed,
      classifiers: classifiers.map { $0.keeping(words: ids, vocabulary) })
  }

  /// The model with at most some n-grams of each task.
  public func keeping(ngrams count: Int) -> LinearModel {
    LinearModel(
      baseline: baseline, vocabulary: vocabulary, seed: seed,
      classifiers: classifiers.map { $0.keeping(ngrams: count) })
  }
}

extension Model {
  /// The network with some of its tasks, and of its words those that they know.
  public func keeping(tasks: Set<String>) -> Model {
    var configuration = configuration
    configuration.tasks = configuration.tasks.filter { tasks.contains($0.name) }.map { task in
      var task = task
      task.maximumLength = maximumLength(of: task)
      return task
    }
    let known = configuration.tasks.map { $0.vocabularySize ?? vocabulary.count }.max() ?? 0
    var result = selected(configuration, words: Array(0..<min(known, vocabulary.count)))
    result.curves = curves.compactMap { curve in
      var curve = curve
      curve.points.removeAll { !tasks.contains($0.task) }
      return curve.points.isEmpty ? nil : curve
    }
    let stages = result.curves.map(\.stage)
    result.settings = settings.filter { stages.contains($0.key) }
    return result
  }

  /// The network with some of its words, and the n-grams of these.
  public func keeping(words ids: [Int]) -> Model { selected(configuration, words: ids) }

  /// The network with at most some n-grams of each task.
  public func keeping(ngrams count: Int) -> Model {
    let result = selected(configuration, words: Array(0..<vocabulary.count))
    for (task, layer) in result.parameters.ngramLayers {
      result.parameters.ngramLayers[task] = layer.keeping(ngrams: count)
    }
    return result
  }

  /// A copy with the tasks of a configuration and some words, whose ids are ascending.
  private func selected(_ configuration: ModelConfiguration, words ids: [Int]) -> Model {
    var configuration = configuration
    for index in configuration.tasks.indices {
      configuration.tasks[index].vocabularySize = configuration.tasks[index].vocabularySize.map {
        size in max(ids.count { $0 < size }, 1)
      }
    }
    let vocabulary = vocabulary.keeping(ids)
    let parameters = Parameters(configuration, from: parameters, words: ids)
    for task in configuration.tasks {
      parameters.ngramLayers[task.name] = self.parameters.ngramLayers[task.name]?
        .keeping(words: ids, vocabulary)
    }
    return Model(parameters, vocabulary: vocabulary, curves: curves, settings: settings)
  }
}

extension Parameters {
  /// The parameters of a configuration, whose tasks are some of those of another network, and the vectors
  /// of some of its words.
  fileprivate convenience init(
    _ configuration: ModelConfiguration, from other: Parameters, words: [Int]
  ) {
    let size = configuration.input
    self.init(
      configuration,
      embedding: words.flatMap {
        UnsafeBufferPointer(start: other.embedding.start + $0 * size, count: size)
      })
    let sources = Dictionary(uniqueKeysWithValues: other.layout.specs.map { ($0.name, $0) })
    for spec in layout.specs {
      guard let source = sources[spec.name] else { continue }
      (values.start + spec.offset).update(
        from: other.values.start + source.offset, count: spec.count)
    }
  }
}
