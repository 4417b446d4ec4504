/// The operators of ONNX that models use (github.com/onnx/onnx/blob/main/docs/Operators.md), in the version
/// of ``opset``.

/// The version of the set of operators, the first one with LayerNormalization.
let opset = 17

extension Value {
  /// Applies an operator with this value as the first input. The node is in the innermost of the graphs
  /// of its inputs.
  fileprivate func apply<Result>(
    _ operation: String, _ others: [(name: String, graph: Graph)] = [],
    _ attributes: [(name: String, value: AttributeValue)] = []
  ) -> Value<Result> {
    let graph = others.map(\.graph).reduce(self.graph) { $1.depth > $0.depth ? $1 : $0 }
    let names = graph.add(operation, [name] + others.map(\.name), outputs: 1, attributes)
    return Value<Result>(name: names[0], graph: graph)
  }

  fileprivate var operand: (name: String, graph: Graph) { (name, graph) }

  /// The shape, [rank].
  var shape: Value<Int> { apply("Shape") }

  /// The same elements in another shape; -1 for the size that follows from the others.
  func reshaped(_ shape: Value<Int>) -> Self { apply("Reshape", [shape.operand]) }

  /// The same elements in another shape; see ``reshaped(_:)-(Value<Int>)``.
  func reshaped(_ shape: [Int]) -> Self { reshaped(graph.constant(shape)) }

  /// With another dimension, of size 1.
  func withDimension(at axis: Int) -> Self {
    apply("Unsqueeze", [graph.constant([axis]).operand])
  }

  /// The elements of a range of indices along an axis.
  func slice(_ range: Range<Int>, axis: Int) -> Self {
    apply(
      "Slice",
      [[range.lowerBound], [range.upperBound], [axis]].map { graph.constant($0).operand })
  }

  /// Equal parts along the last axis.
  func split(into count: Int) -> [Self] {
    graph.add("Split", [name], outputs: count, [("axis", .int(-1))])
      .map { Self(name: $0, graph: graph) }
  }

  /// Followed by others along an axis.
  func concatenated(_ others: [Self], axis: Int = -1) -> Self {
    others.isEmpty ? self : apply("Concat", others.map(\.operand), [("axis", .int(axis))])
  }

  /// The rows of this matrix with some indices.
  func rows(_ indices: Value<Int>) -> Self { apply("Gather", [indices.operand]) }

  static func > (left: Self, right: Self) -> Value<Bool> {
    left.apply("Greater", [right.operand])
  }

  /// The larger elements of both.
  func maximum(_ other: Self) -> Self { apply("Max", [other.operand]) }
}

extension Value<Bool> {
  /// 1 for true and 0 for false.
  var asFloat: Value<Float> { apply("Cast", [], [("to", .int(Float.dataType))]) }

  /// The elements of one of two tensors.
  func choose(_ yes: Value<Float>, _ no: Value<Float>) -> Value<Float> {
    apply("Where", [yes.operand, no.operand])
  }
}

extension Value<Int> {
  /// A tensor of this shape that is filled with 0.
  var zeros: Value<Float> { apply("ConstantOfShape") }

  /// For each row the number of times that it has each of some sequences of one or two integers,
  /// [rows, sequences]. Both integers of a pair are next to each other.
  /// - Parameters:
  ///   - pairs: the first and the second integer of each pair; they follow the single ones.
  func counts(of singles: [Int], pairs: [Int] = []) -> Value<Float> {
    let starts = pairs.isEmpty ? [0] : [0, singles.count]
    return apply(
      "TfIdfVectorizer", [],
      [
        ("min_gram_length", .int(1)), ("max_gram_length", .int(starts.count)),
        ("max_skip_count", .int(0)), ("mode", .string("TF")), ("ngram_counts", .ints(starts)),
        ("ngram_indexes", .ints(Array(0..<singles.count + pairs.count / 2))),
        ("pool_int64s", .ints(singles + pairs)),
      ])
  }
}

extension Value<Float> {
  static func + (left: Self, right: Self) -> Self { left.apply("Add", [right.operand]) }
  static func * (left: Self, right: Self) -> Self { left.apply("Mul", [right.operand]) }
  static func / (left: Self, right: Self) -> Self { left.apply("Div", [right.operand]) }

  /// The logistic function of each element.
  var sigmoid: Self { apply("Sigmoid") }
  /// The hyperbolic tangent of each element.
  var tanh: Self { apply("Tanh") }
  /// The natural logarithm of each element.
  var logarithm: Self { apply("Log") }
  /// The softmax along the last axis.
  var softmax: Self { apply("Softmax", [], [("axis", .int(-1))]) }

  /// The smaller elements of both.
  func minimum(_ other: Self) -> Self { apply("Min", [other.operand]) }

  /// The sum along an axis, which is left out.
  func sum(axis: Int) -> Self {
    apply("ReduceSum", [graph.constant([axis]).operand], [("keepdims", .int(0))])
  }

  /// The Euclidean length of each row, [rows, 1].
  var rowLengths: Self { apply("ReduceL2", [], [("axes", .ints([1])), ("keepdims", .int(1))]) }

  /// The product with a matrix.
  func times(_ matrix: Self) -> Self { apply("MatMul", [matrix.operand]) }

  /// The product with the transpose of a matrix [n, m], plus a bias [n].
  func timesTransposed(_ matrix: Self, bias: Self? = nil) -> Self {
    apply("Gemm", [matrix.operand] + (bias.map { [$0.operand] } ?? []), [("transB", .int(1))])
  }

  /// The layer norm over the last axis.
  func layerNorm(gain: Self, shift: Self, epsilon: Double) -> Self {
    apply(
      "LayerNormalization", [gain.operand, shift.operand],
      [("axis", .int(-1)), ("epsilon", .float(Float(epsilon)))])
  }
}

extension Graph {
  /// Runs a graph for each index of the second axis of some tensors, from the first to the last.
  /// - Parameters:
  ///   - states: the states before the first step, [rows, size].
  ///   - sequences: the tensors, [rows, steps, size].
  ///   - step: from the states and the inputs of a step, [rows, size], to the next states.
  /// - Returns: the states after the last step.
  func scan(
    states: [(value: Value<Float>, size: Int)], over sequences: [(value: Value<Float>, size: Int)],
    _ step: (_ states: [Value<Float>], _ inputs: [Value<Float>]) -> [Value<Float>]
  ) -> [Value<Float>] {
    let body = Graph("step", in: self)
    func shape(_ size: Int) -> [Dimension] { [.variable("texts"), .size(size)] }
    let before: [Value<Float>] = states.map { body.input(shape($0.size)) }
    let inputs: [Value<Float>] = sequences.map { body.input(shape($0.size)) }
    for (state, (_, size)) in zip(step(before, inputs), states) { body.output(state, shape(size)) }
    return add(
      "Scan", (states + sequences).map(\.value.name), outputs: states.count,
      [
        ("body", .graph(body.message)), ("num_scan_inputs", .int(sequences.count)),
        ("scan_input_axes", .ints(sequences.map { _ in 1 })),
      ]
    ).map { Value(name: $0, graph: self) }
  }
}
