import Foundation
import Safetensors
import Shards
import Support
import Tokenization

extension Model {
  /// The model as a file. Parameters have the names and layouts of the PyTorch reference in
  /// `fixtures/reference`; the words lie under `vocabulary.`, everything else is metadata.
  /// - Throws: only if something cannot be put into JSON.
  public func document() throws -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: [
      "format": "model", "version": modelFormatVersion,
      "configuration": try encode(configuration), "curves": try encode(curves),
      "settings": try encode(settings),
    ])
    for entry in parameters.layout.specs {
      let start = parameters.values.start + entry.offset
      document.set(
        entry.name, shape: entry.shape,
        Array(UnsafeBufferPointer(start: start, count: entry.count)))
    }
    for task in configuration.tasks {
      parameters.ngramLayers[task.name]?.store(in: &document, prefix: "ngrams")
    }
    document.set(
      "embedding.weight", shape: [vocabulary.count, configuration.input], parameters.embedding.array)
    try vocabulary.store(inModel: &document)
    return document
  }

  /// Reads a network: a file, or a folder with `model.safetensors`.
  /// - Throws: ``UserError`` of kind `noInput` or `data`: every parameter must be there with its
  ///   shape, and nothing else.
  public init(path: String) throws { try self.init(try modelFile(at: path)) }

  /// Reads an opened model file.
  /// - Throws: ``UserError`` of kind `data`.
  init(_ file: SafetensorsFile) throws {
    if let kind = file.metadata["kind"] {
      throw UserError(
        .data, at: file.path,
        problem: "a model of the kind “\(kind)”, which has nothing to fine-tune",
        expected: "a network: \(Variant.allCases.map(\.rawValue).joined(separator: ", "))",
        hint: "train this kind from scratch on the new task with the stage train")
    }
    let configuration: ModelConfiguration = try decode("configuration", of: file)
    try configuration.check(at: file.path)
    let vocabulary = try Vocabulary(file)
    let vectors: [Float] = try file.values(
      "embedding.weight", shape: [vocabulary.count, configuration.input])
    // All shapes are looked at before memory is asked for, which a false size would make huge.
    for entry in ParameterLayout(configuration).specs {
      _ = try file.info(entry.name, type: .f32, shape: entry.shape)
    }
    let parameters = Parameters<Float>(configuration, embedding: vectors)
    for entry in parameters.layout.specs {
      try file.withValues(entry.name, shape: entry.shape, as: Float.self) { values in
        guard let base = values.baseAddress else { return }
        (parameters.values.start + entry.offset).update(from: base, count: entry.count)
      }
    }
    for task in configuration.tasks where configuration.ngrams != nil {
      parameters.ngramLayers[task.name] = try SoftmaxClassifier(
        TaskClassifier(name: task.name, classNames: task.classNames), in: file,
        vocabularySize: vocabulary.count, prefix: "ngrams")
    }
    try file.refuseTensors(
      but: parameters.layout.specs.map(\.name) + Self.otherTensors
        + parameters.ngramLayers.keys.flatMap {
          SoftmaxClassifier.tensors(of: $0, prefix: "ngrams")
        })
    let settings: [String: TrainingSettings] = try decode("settings", of: file)
    for (stage, settings) in settings.sorted(by: { $0.key < $1.key }) {
      try settings.check(at: "\(file.path): settings of “\(stage)”")
    }
    self.init(
      parameters, vocabulary: vocabulary, curves: try decode("curves", of: file), settings: settings)
  }

  private static let otherTensors = ["embedding.weight"] + Vocabulary.modelTensorNames
}

extension ModelConfiguration {
  /// The largest size of anything: what is larger is a mistake.
  public static let largestSize = 1 << 16

  /// Refuses sizes that no network has, before any memory is asked for.
  /// - Throws: ``UserError`` of kind `data`.
  func check(at place: String) throws {
    func refuse(_ problem: String, _ expected: String) -> UserError {
      UserError(.data, at: "\(place): configuration", problem: problem, expected: expected)
    }
    let largest = Self.largestSize
    for (name, size) in [
      ("hidden", hidden), ("input", input), ("task embedding", taskEmbedding),
    ] where !(1...largest).contains(size) {
      throw refuse("\(name) of \(size)", "a size from 1 to \(largest)")
    }
    for (name, rate) in [
      ("recurrent dropout", recurrentDropout), ("head dropout", headDropout),
      ("logit dropout", logitDropout), ("n-gram dropout", ngrams?.dropout ?? 0),
    ] where !(rate >= 0 && rate < 1) {
      throw refuse("\(name) of \(rate)", "a rate from 0 to below 1")
    }
    guard epsilon > 0, epsilon.isFinite, forgetBias.isFinite else {
      throw refuse(
        "epsilon \(epsilon), forget shift \(forgetBias)", "finite numbers, epsilon above 0")
    }
    try checkTasks(tasks.map { ($0.name, $0.classNames) }, at: place)
  }
}

/// Refuses tasks that no model has.
/// - Throws: ``UserError`` of kind `data`.
func checkTasks(_ tasks: [(name: String, classNames: [String])], at place: String) throws {
  func refuse(_ problem: String, _ expected: String) -> UserError {
    UserError(.data, at: "\(place): configuration", problem: problem, expected: expected)
  }
  guard Set(tasks.map(\.name)).count == tasks.count else {
    throw refuse("two tasks of one name", "each task once")
  }
  for task in tasks {
    guard !task.classNames.isEmpty, task.classNames.count <= 1 << 16 else {
      throw refuse("task “\(task.name)” with \(task.classNames.count) classes", "1 to \(1 << 16)")
    }
    guard !task.name.isEmpty, !task.name.contains(where: { ".\0/".contains($0) }) else {
      throw refuse("task “\(task.name)”", "a name without “.” and “/”")
    }
  }
}

extension SafetensorsFile {
  /// Refuses tensors that a model does not have.
  /// - Throws: ``UserError`` of kind `data`.
  func refuseTensors(but names: [String]) throws {
    let known = Set(names)
    if let stranger = self.names.first(where: { !known.contains($0) }) {
      throw UserError(
        .data, at: "\(path): tensor “\(stranger)”", problem: "a tensor that no such model has",
        expected: "the tensors that its configuration names", hint: "train the model again")
    }
  }
}

/// `value` as JSON with sorted keys.
func encode(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// The value under a key of a file's metadata.
/// - Throws: ``UserError`` of kind `data`.
func decode<Value: Decodable>(_ key: String, of file: SafetensorsFile) throws -> Value {
  do {
    return try JSONDecoder().decode(Value.self, from: Data((file.metadata[key] ?? "").utf8))
  } catch {
    throw UserError(
      .data, at: "\(file.path): metadata “\(key)”", problem: "what this version cannot read",
      expected: "the \(key) of a model", hint: "train the model again with this version")
  }
}
