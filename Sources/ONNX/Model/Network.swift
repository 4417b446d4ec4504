import DLNC
import Support

/// The network of a task as part of a graph. For the dimension letters see `ParameterLayout`; N is the
/// number of texts, and T that of their tokens with the padding.
struct Network {
  private let graph: Graph
  private let configuration: ModelConfiguration
  /// The number of tokens after which texts are truncated; nil for none.
  private let maximumLength: Int?
  /// The word vectors, [V, I].
  private let vectors: Value<Float>
  private let encoderCell: Cell
  /// The classification cell, and the projection of its input, [1, 4H]; nil without such a cell.
  private let classificationCell: (cell: Cell, input: Value<Float>?)?
  /// The weight [C, F] and the bias [C] of the linear layer.
  private let weight: Value<Float>, bias: Value<Float>

  /// The network of a task of a model.
  /// - Throws: ``UserError`` if the model lacks a parameter.
  init(_ model: Model, _ task: TaskDescription, in graph: Graph) throws {
    func parameter(
      _ part: ParameterSpec.Part, _ role: ParameterSpec.Role
    ) -> Value<Float>? {
      model.parameter(part, role, of: task.name).map { graph.constant($0.values, $0.shape) }
    }
    /// The rows of the linear layer in the order of the classes.
    func head(_ role: ParameterSpec.Role) throws -> Value<Float> {
      let rows = try parameter(.head, role).required("linear layer")
      return task.headRows.map { rows.rows(graph.constant($0)) } ?? rows
    }
    self.graph = graph
    configuration = model.configuration
    maximumLength = model.maximumLength(of: task)
    vectors = graph.constant(
      model.wordVectors, [model.vocabulary.count, configuration.input])
    encoderCell = try Cell(configuration) { parameter(.encoder, $0) }
    classificationCell =
      configuration.variant.hasClassificationCell
      ? try {
        let cell = try Cell(model.configuration) { parameter(.classifier, $0) }
        let embedding = parameter(.taskEmbedding, .embedding)
        return (cell, embedding.map { cell.project($0.reshaped([1, -1])) })
      }() : nil
    (weight, bias) = (try head(.weight), try head(.bias))
  }

  /// The logits, [N, C], without those of an n-gram layer.
  /// - Parameter tokens: the IDs of the words, [N, T]; -1 after the end of a text.
  func logits(_ tokens: Value<Int>) -> Value<Float> {
    let ids = maximumLength.map { tokens.slice(0..<$0, axis: 1) } ?? tokens
    let isToken = (ids > graph.constant([-1])).asFloat
    let states = encode(ids, mask: isToken.withDimension(at: 2))
    let pooling = configuration.pooling
    var features = [state(from: states)]
    if pooling.hasMean { features.append(states[2] / isToken.sum(axis: 1).withDimension(at: 1)) }
    if pooling.hasMax { features.append(states[states.count - 1]) }
    return features[0].concatenated(Array(features.dropFirst()))
      .timesTransposed(weight, bias: bias)
  }

  /// Runs the encoder to the last token of each text.
  /// - Parameter mask: 1 for a token and 0 after the end of a text, [N, T, 1].
  /// - Returns: h and c after the last token; then, as far as the linear layer reads them, the sum and
  ///   the maximum of h over the tokens; each [N, H].
  private func encode(_ ids: Value<Int>, mask: Value<Float>) -> [Value<Float>] {
    let (hidden, pooling) = (configuration.hidden, configuration.pooling)
    let words = ids.maximum(graph.constant([0])).reshaped([-1])
    let inputs = encoderCell.project(vectors.rows(words))
      .reshaped(ids.shape.concatenated([graph.constant([4 * hidden])], axis: 0))
    let zeros = ids.shape.slice(0..<1, axis: 0)
      .concatenated([graph.constant([hidden])], axis: 0).zeros
    var states = [zeros, zeros]
    if pooling.hasMean { states.append(zeros) }
    if pooling.hasMax { states.append(zeros + graph.constant(-.greatestFiniteMagnitude)) }
    return graph.scan(
      states: states.map { ($0, hidden) }, over: [(inputs, 4 * hidden), (mask, 1)]
    ) { states, inputs in
      let isToken = inputs[1] > graph.constant(0.5)
      let (h, c) = encoderCell.step(input: inputs[0], h: states[0], c: states[1])
      var next = [h, c]
      if pooling.hasMean { next.append(states[2] + h) }
      if pooling.hasMax { next.append(states[states.count - 1].maximum(h)) }
      return zip(next, states).map { isToken.choose($0, $1) }
    }
  }

  /// h of the classification cell, [N, H]; that of the encoder without such a cell.
  private func state(from states: [Value<Float>]) -> Value<Float> {
    guard let (cell, input) = classificationCell else { return states[0] }
    let c = configuration.zeroInitialCell ? states[1].shape.zeros : states[1]
    return cell.step(input: input, h: states[0], c: c).h
  }
}

extension Value<Float>? {
  /// The value of a parameter.
  /// - Throws: ``UserError`` with exit status `software` if there is none, which a checked model excludes.
  func required(_ name: String) throws -> Value<Float> {
    guard let self else {
      throw UserError(.software, at: "export", problem: "a network without its \(name)")
    }
    return self
  }
}
