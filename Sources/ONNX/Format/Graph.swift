/// A graph of ONNX that is being built. Values of an outer graph can be used in the inner ones, such as the
/// body of a loop.
final class Graph {
  private let name: String
  /// The number of graphs around it.
  let depth: Int
  private let names: Names
  private var nodes: [ProtobufMessage] = []
  private var initializers: [ProtobufMessage] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []

  /// Numbers the values of all graphs of a model.
  private final class Names {
    private var count = 0

    func next(_ prefix: String) -> String {
      count += 1
      return "\(prefix)_\(count)"
    }
  }

  /// A graph without nodes.
  /// - Parameter outer: the graph around it; nil for the graph of a model.
  init(_ name: String, in outer: Graph? = nil) {
    self.name = name
    depth = outer.map { $0.depth + 1 } ?? 0
    names = outer?.names ?? Names()
  }

  /// The graph as a message.
  var message: ProtobufMessage {
    .graph(
      name: name, nodes: nodes, initializers: initializers, inputs: inputs, outputs: outputs)
  }

  /// Adds an input.
  func input<Element>(_ name: String, _ shape: [Dimension]) -> Value<Element> {
    inputs.append(.value(name, type: Element.dataType, shape: shape))
    return Value(name: name, graph: self)
  }

  /// Adds an input with a name that no other value has.
  func input<Element>(_ shape: [Dimension]) -> Value<Element> { input(names.next("input"), shape) }

  /// Adds an output.
  /// - Parameter name: nil for a name that no other value has.
  func output<Element>(
    _ value: Value<Element>, named name: String? = nil, _ shape: [Dimension]
  ) {
    let name = name ?? names.next("output")
    nodes.append(.node("Identity", inputs: [value.name], outputs: [name], attributes: []))
    outputs.append(.value(name, type: Element.dataType, shape: shape))
  }

  /// Adds numbers, row-major.
  func constant(_ values: [Float], _ shape: [Int]) -> Value<Float> {
    let name = names.next("constant")
    initializers.append(.tensor(name, shape: shape, values))
    return Value(name: name, graph: self)
  }

  /// Adds integers, [n].
  func constant(_ values: [Int]) -> Value<Int> {
    let name = names.next("constant")
    initializers.append(.tensor(name, shape: [values.count], values))
    return Value(name: name, graph: self)
  }

  /// Adds a number.
  func constant(_ value: Float) -> Value<Float> { constant([value], []) }

  /// Adds a node and returns the names of its outputs.
  func add(
    _ operation: String, _ inputs: [String], outputs count: Int,
    _ attributes: [(name: String, value: AttributeValue)]
  ) -> [String] {
    let results = (0..<count).map { _ in names.next(operation) }
    nodes.append(
      .node(operation, inputs: inputs, outputs: results, attributes: attributes))
    return results
  }
}

/// A tensor that a graph computes.
struct Value<Element: TensorElement> {
  /// The name in the graph.
  let name: String
  /// The graph that computes it.
  let graph: Graph
}
