import Foundation
import Safetensors
import Shards
import Support
import Tokenization

/// A trained network with everything that is needed to use it or to train it further. One file holds
/// it.
public struct Model: Sendable {
  /// The configuration, including the tasks and their classes.
  public var configuration: ModelConfiguration { parameters.configuration }
  /// The vocabulary, and how text is tokenized.
  public let vocabulary: Vocabulary
  /// The learning curves, one per stage.
  public var curves: [LearningCurve]
  /// The settings of each stage by its name.
  public var settings: [String: TrainingSettings]
  /// The precision of the matrix products of predictions. It is a choice of the program, and not in the
  /// file.
  public var precision = ProductPrecision.float32

  package let parameters: Parameters<Float>

  package init(
    _ parameters: Parameters<Float>, vocabulary: Vocabulary, curves: [LearningCurve] = [],
    settings: [String: TrainingSettings] = [:]
  ) {
    self.parameters = parameters
    self.vocabulary = vocabulary
    self.curves = curves
    self.settings = settings
  }

  /// Computes the class probabilities of each row of a shard, [rows, C], and the mean cross-entropy.
  /// - Parameters:
  ///   - maxLength: the maximum number of tokens of a row; by default that of the task's training.
  ///   - threads: the number of threads; does not change the result.
  public func predict(
    _ shard: TokenShard, maxLength: Int? = nil, threads: Int
  ) -> (probabilities: [Float], loss: Double) {
    predict(
      shard, maxLength: maxLength,
      by: DataParallelRunner(
        parameters, microBatches: threads, threads: threads, isFrozen: true, isConstant: true,
        precision: precision))
  }

  func predict(
    _ shard: TokenShard, maxLength: Int? = nil, asLogits: Bool = false,
    by runner: DataParallelRunner<Float>
  ) -> (probabilities: [Float], loss: Double) {
    let task = configuration.task(shard.task)
    let limit = maxLength ?? task.flatMap { maximumLength(of: $0) } ?? .max
    let known =
      task?.vocabularySize.map { shard.knowing($0, spelling: { vocabulary[$0] }) } ?? shard
    let (probabilities, metrics) = runner.predict(
      known, maxLength: limit, asLogits: asLogits)
    return (probabilities, metrics.meanLoss)
  }

  /// The number of tokens after which the rows of a task are truncated; nil for a model that was not
  /// trained.
  package func maximumLength(of task: TaskDescription) -> Int? {
    task.maximumLength ?? settings[curves.last?.stage ?? ""]?.maximumLength
  }

  /// The number of parameters, without and with the word vectors.
  public var parameterCounts: (network: Int, withVectors: Int) {
    let network =
      parameters.layout.specs.reduce(0) { $0 + $1.count }
      + ngramLayers.reduce(0) { $0 + $1.weights.count }
    return (network, network + vocabulary.count * configuration.input)
  }
}

extension Model {
  /// The n-gram layers in the order of their tasks, one that several tasks share only once.
  private var ngramLayers: [LinearClassifier] {
    guard let ngrams = configuration.ngrams else { return [] }
    var found: Set<String> = []
    return configuration.tasks.compactMap { task in
      let layer = task.ngramLayer(ngrams)
      guard found.insert(layer.name).inserted else { return nil }
      return parameters.ngramLayers[task.name]?.assigned(to: layer)
    }
  }

  /// The model as a file: parameters with the names and shapes of ``ParameterLayout``, the vocabulary
  /// under `vocabulary.`, everything else as metadata.
  /// - Throws: an error if a value cannot be encoded as JSON.
  public func document() throws -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: [
      "format": "model",
      "version": modelFormatVersion(
        hasLabelSets: configuration.tasks.contains(where: \.isMultiLabel)),
      "configuration": try encode(configuration), "curves": try encode(curves),
      "settings": try encode(settings),
    ])
    parameters.store(in: &document)
    for layer in ngramLayers { layer.store(in: &document, prefix: "ngrams") }
    try vocabulary.store(inModel: &document)
    return document
  }

  /// Reads a network from a file or from a folder with `model.safetensors`.
  /// - Throws: ``UserError`` with exit status `noInput`, or `data` unless the file holds exactly the
  ///   tensors of its configuration.
  public init(path: String) throws { try self.init(try modelFile(at: path)) }

  /// Reads an open model file.
  /// - Throws: ``UserError`` with exit status `data`.
  init(_ file: SafetensorsFile) throws {
    try file.refusePretrained()
    if let kind = file.metadata["kind"] {
      throw UserError(
        .data, at: file.path,
        problem: "a model of the kind “\(kind)”, which cannot be fine-tuned",
        expected: "a network: \(Variant.allCases.map(\.rawValue).joined(separator: ", "))",
        hint: "train this kind from scratch on the new task with the stage train")
    }
    let configuration: ModelConfiguration = try decode("configuration", of: file)
    try configuration.check(at: file.path)
    guard configuration.outputWords == nil else {
      throw UserError(
        .data, at: "\(file.path): configuration", problem: "a language model",
        expected: "a classifier", hint: "train the model again")
    }
    let vocabulary = try Vocabulary(file)
    let parameters = try Parameters(configuration, words: vocabulary.count, in: file)
    var layers: [String: LinearClassifier] = [:]
    for task in configuration.tasks {
      guard let description = configuration.ngrams.map(task.ngramLayer) else { continue }
      let layer =
        try layers[description.name]
        ?? LinearClassifier(description, in: file, vocabulary, prefix: "ngrams")
      layers[description.name] = layer
      parameters.ngramLayers[task.name] = layer.assigned(
        to: TaskClassifier(name: task.name, classNames: task.classNames))
    }
    try file.refuseTensors(
      but: parameters.tensorNames + Vocabulary.modelTensorNames
        + layers.values.flatMap { $0.tensors(prefix: "ngrams") })
    let settings: [String: TrainingSettings] = try decode("settings", of: file)
    for (stage, settings) in settings.sorted(by: { $0.key < $1.key }) {
      try settings.check(at: "\(file.path): settings of “\(stage)”")
    }
    self.init(
      parameters, vocabulary: vocabulary, curves: try decode("curves", of: file), settings: settings
    )
  }
}

extension Parameters<Float> {
  /// The names of the parameters and of the word vectors in a file.
  package var tensorNames: [String] { layout.specs.map(\.name) + ["embedding.weight"] }

  /// Adds the parameters, with the names and shapes of ``ParameterLayout``, and the word vectors to a
  /// file.
  package func store(in document: inout SafetensorsDocument) {
    for spec in layout.specs {
      document.set(
        spec.name, shape: spec.shape,
        Array(UnsafeBufferPointer(start: values.start + spec.offset, count: spec.count)))
    }
    document.set(
      "embedding.weight", shape: [vocabularySize, configuration.input], embedding.array)
  }

  /// Reads the parameters and word vectors of a checked configuration from a file.
  /// - Throws: ``UserError`` with exit status `data`.
  package convenience init(
    _ configuration: ModelConfiguration, words: Int, in file: SafetensorsFile
  ) throws {
    let vectors = "embedding.weight"
    try file.checkNumbers(vectors, shape: [words, configuration.input])
    // All shapes are checked before memory is allocated, which wrong sizes would make huge.
    for spec in ParameterLayout(configuration).specs {
      try file.checkNumbers(spec.name, shape: spec.shape)
    }
    self.init(configuration, words: words)
    for spec in layout.specs {
      try file.readNumbers(
        spec.name,
        into: UnsafeMutableBufferPointer(start: values.start + spec.offset, count: spec.count))
    }
    try file.readNumbers(
      vectors, into: UnsafeMutableBufferPointer(start: embedding.start, count: embedding.count))
  }
}

extension SafetensorsFile {
  /// Checks that there are no other tensors than these.
  /// - Throws: ``UserError`` with exit status `data`.
  package func refuseTensors(but names: [String]) throws {
    let known = Set(names)
    if let name = self.names.first(where: { !known.contains($0) && !isScale($0) }) {
      throw UserError(
        .data, at: "\(path): tensor “\(name)”",
        problem: "a tensor that is not part of such a model",
        expected: "the tensors that its configuration names", hint: "train the model again")
    }
  }
}

/// Encodes a value as JSON with sorted keys.
package func encode(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Decodes the value of a key of a file's metadata.
/// - Throws: ``UserError`` with exit status `data`.
package func decode<Value: Decodable>(_ key: String, of file: SafetensorsFile) throws -> Value {
  do {
    return try JSONDecoder().decode(Value.self, from: Data((file.metadata[key] ?? "").utf8))
  } catch {
    throw UserError(
      .data, at: "\(file.path): metadata “\(key)”", problem: "not readable by this version",
      expected: "the \(key) of a model", hint: "train the model again with this version")
  }
}
