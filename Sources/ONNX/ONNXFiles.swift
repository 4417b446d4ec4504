import DLNC
import Foundation
import Support

/// A task of a model as a file of ONNX, and the package with which programs in Python use it:
///
///     model.onnx         the graph: IDs of words in, logits and probabilities out
///     text_classifier/   classifies texts with it, which it splits into words as this program does
///
/// - Parameter model: a model of which ``Classifier/exported(_:)`` has kept this task alone, and the words
///   that it knows.
/// - Throws: ``UserError`` with exit status `usage` if the model reads no words or is too large for the
///   format.
public func onnxFiles(
  of model: any Classifier, task: String
) throws -> [(name: String, content: Data)] {
  [("model.onnx", try onnxModel(model, task: task))]
    + [
      ("__init__", PackageResources.__init___py), ("__main__", PackageResources.__main___py),
      ("penn_treebank", PackageResources.penn_treebank_py),
      ("tokenizer", PackageResources.tokenizer_py), ("twitter", PackageResources.twitter_py),
    ].map { (name: "text_classifier/\($0).py", content: Data($1)) }
}

/// The names of the inputs and the outputs of the graph.
private enum Name {
  static let tokens = "tokens"
  static let characters = "characters"
  static let logits = "logits"
  static let probabilities = "probabilities"
}

/// The contents of the file of ONNX.
private func onnxModel(_ model: any Classifier, task: String) throws -> Data {
  let graph = Graph(task)
  let linear = model.linearPart(of: task)
  let tokens: Value<Int> = graph.input(Name.tokens, [.variable("texts"), .variable("tokens")])
  let characters: Value<Int>? =
    linear?.ngrams.characters?.idf.isEmpty == false
    ? graph.input(Name.characters, [.variable("texts"), .variable("characters")]) : nil
  let ngrams = linear?.logits(tokens, characters: characters, in: graph)

  let logits: Value<Float>
  if let network = model as? Model, let description = network.configuration.task(task) {
    let own = try Network(network, description, in: graph).logits(tokens)
    let scales = network.parameter(.ngrams, .scale, of: task).map {
      graph.constant($0.values, $0.shape)
    }
    logits = ngrams.flatMap { ngrams in scales.map { own + ngrams * $0 } } ?? own
  } else if let ngrams, linear?.ngrams.keys.isEmpty == false || characters != nil {
    logits = ngrams
  } else {
    throw UserError(
      .usage, at: "--format onnx, task “\(task)”", problem: "a model that reads no words",
      expected: "a network or a bag of words", hint: "name another --checkpoint")
  }
  let scaled = model.calibration(of: task).map { logits / graph.constant(Float($0.temperature)) }
  let isMultiLabel = model.labelThresholds(of: task) != nil
  let shape: [Dimension] = [
    .variable("texts"), .size(model.classNames(of: task)?.count ?? 0),
  ]
  graph.output(logits, named: Name.logits, shape)
  graph.output(
    isMultiLabel ? (scaled ?? logits).sigmoid : (scaled ?? logits).softmax,
    named: Name.probabilities, shape)
  let message = ProtobufMessage.model(
    graph: graph.message, opset: opset, producer: "domain-layer-norm",
    metadata: try Metadata(model, task).entries)
  guard message.byteCount <= Int(Int32.max) else {
    throw UserError(
      .usage, at: "--format onnx", problem: "a model of \(NumberFormat.bytes(message.byteCount))",
      expected: "at most 2 GiB, the largest message of protocol buffers",
      hint: "leave out rare words with --prune-words")
  }
  return message.encoded()
}
