/// The messages of ONNX (onnx.proto, version 8 of the intermediate representation), with the numbers of
/// their fields.

/// A type of the elements of tensors.
protocol TensorElement {
  /// Its number in `TensorProto.DataType`.
  static var dataType: Int { get }
}

extension Float: TensorElement { static let dataType = 1 }
extension Int: TensorElement { static let dataType = 7 }
extension Bool: TensorElement { static let dataType = 9 }

/// A dimension of an input or an output.
enum Dimension {
  case size(Int)
  /// One that differs from call to call, by its name.
  case variable(String)
}

/// The value of an attribute of a node.
enum AttributeValue {
  case int(Int)
  case float(Float)
  case string(String)
  case ints([Int])
  case graph(ProtobufMessage)

  /// The number of its `AttributeType`.
  var type: Int {
    switch self {
    case .float: 1
    case .int: 2
    case .string: 3
    case .graph: 5
    case .ints: 7
    }
  }
}

extension ProtobufMessage {
  /// A `ModelProto`.
  static func model(
    graph: ProtobufMessage, opset: Int, producer: String, metadata: [(key: String, value: String)]
  ) -> ProtobufMessage {
    var (model, operators) = (ProtobufMessage(), ProtobufMessage())
    model.add(1, 8)
    model.add(2, producer)
    model.add(7, graph)
    operators.add(1, "")
    operators.add(2, opset)
    model.add(8, operators)
    for (key, value) in metadata {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    return model
  }

  /// A `GraphProto`.
  static func graph(
    name: String, nodes: [ProtobufMessage], initializers: [ProtobufMessage],
    inputs: [ProtobufMessage], outputs: [ProtobufMessage]
  ) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for (field, messages) in [(5, initializers), (11, inputs), (12, outputs)] {
      for message in messages { graph.add(field, message) }
    }
    return graph
  }

  /// A `NodeProto`.
  static func node(
    _ operation: String, inputs: [String], outputs: [String],
    attributes: [(name: String, value: AttributeValue)]
  ) -> ProtobufMessage {
    var node = ProtobufMessage()
    for input in inputs { node.add(1, input) }
    for output in outputs { node.add(2, output) }
    node.add(4, operation)
    for (name, value) in attributes { node.add(5, attribute(name, value)) }
    return node
  }

  /// An `AttributeProto`.
  private static func attribute(_ name: String, _ value: AttributeValue) -> ProtobufMessage {
    var attribute = ProtobufMessage()
    attribute.add(1, name)
    switch value {
    case .float(let number): attribute.add(2, number)
    case .int(let number): attribute.add(3, number)
    case .string(let text): attribute.add(4, text)
    case .graph(let graph): attribute.add(6, graph)
    case .ints(let numbers): for number in numbers { attribute.add(8, number) }
    }
    attribute.add(20, value.type)
    return attribute
  }

  /// A `TensorProto` of numbers in single precision, row-major.
  static func tensor(_ name: String, shape: [Int], _ values: [Float]) -> ProtobufMessage {
    var tensor = tensor(name, shape: shape, type: Float.dataType)
    tensor.add(9, rawBytesOf: values)
    return tensor
  }

  /// A `TensorProto` of integers, row-major.
  static func tensor(_ name: String, shape: [Int], _ values: [Int]) -> ProtobufMessage {
    var tensor = tensor(name, shape: shape, type: Int.dataType)
    tensor.add(
      9,
      bytes: values.flatMap { value in
        withUnsafeBytes(of: Int64(value).littleEndian, Array.init)
      })
    return tensor
  }

  private static func tensor(_ name: String, shape: [Int], type: Int) -> ProtobufMessage {
    var tensor = ProtobufMessage()
    for size in shape { tensor.add(1, size) }
    tensor.add(2, type)
    tensor.add(8, name)
    return tensor
  }

  /// A `ValueInfoProto`: the name, the type of the elements and the shape of an input or an output.
  static func value(_ name: String, type: Int, shape: [Dimension]) -> ProtobufMessage {
    var (dimensions, tensor) = (ProtobufMessage(), ProtobufMessage())
    for dimension in shape {
      var message = ProtobufMessage()
      switch dimension {
      case .size(let size): message.add(1, size)
      case .variable(let name): message.add(2, name)
      }
      dimensions.add(1, message)
    }
    tensor.add(1, type)
    tensor.add(2, dimensions)
    var (typeMessage, value) = (ProtobufMessage(), ProtobufMessage())
    typeMessage.add(1, tensor)
    value.add(1, name)
    value.add(2, typeMessage)
    return value
  }
}
