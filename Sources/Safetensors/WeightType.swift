import Support

/// How the weights of a model are stored in a file.
public enum WeightType: String, CaseIterable, Sendable {
  /// Single precision: `F32`, exact.
  case float32
  /// The upper half of single precision: `BF16`, rounded to the nearest number, ties to even.
  case bf16
  /// Bytes from -127 to 127: `I8`, and for each row a factor, the tensor `NAME.scale` `F32`. The factor
  /// is the largest magnitude of the row divided by 127, and an element the nearest multiple of it.
  case int8

  /// The name of the tensor with the factors of the rows of an `I8` tensor.
  public static func scaleName(of tensor: String) -> String { "\(tensor).scale" }
}

extension SafetensorsDocument {
  /// Stores numbers in less space: the matrices of single precision, and those of its vectors that are
  /// named, as `type`; all integers in the narrowest of `U16`, `I32` and `I64` that holds them.
  /// ``SafetensorsFile/numbers(_:shape:)`` and ``SafetensorsFile/integers(_:shape:)`` read them.
  /// - Parameters:
  ///   - type: does nothing if it is single precision.
  ///   - isWeights: whether a vector is one row of weights.
  /// - Throws: ``UserError`` with exit status `data` if a weight is not a finite number.
  public mutating func compact(
    _ type: WeightType, vectors isWeights: (String) -> Bool
  ) throws {
    if type == .float32 { return }
    for (name, tensor) in tensors {
      switch tensor.type {
      case .f32 where tensor.shape.count == 2 || tensor.shape.count == 1 && isWeights(name):
        let rows = tensor.shape.count == 2 ? tensor.shape[0] : 1
        let numbers = tensor.elements(as: Float.self)
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
          throw UserError(
            .data, at: "tensor “\(name)”, element \(bad)", problem: "\(numbers[bad])",
            expected: "a finite number", hint: "train the model again")
        }
        if type == .bf16 {
          set(name, shape: tensor.shape, numbers.map { BFloat16($0) })
        } else {
          let (elements, scales) = quantized(numbers, rows: rows)
          set(name, shape: tensor.shape, elements)
          set(WeightType.scaleName(of: name), shape: [rows], scales)
        }
      case .i32: narrow(name, tensor.shape, tensor.elements(as: Int32.self))
      case .i64: narrow(name, tensor.shape, tensor.elements(as: Int64.self))
      default: break
      }
    }
  }

  private mutating func narrow(_ name: String, _ shape: [Int], _ values: [some FixedWidthInteger]) {
    if values.allSatisfy({ UInt16(exactly: $0) != nil }) {
      set(name, shape: shape, values.map { UInt16(truncatingIfNeeded: $0) })
    } else if values.allSatisfy({ Int32(exactly: $0) != nil }) {
      set(name, shape: shape, values.map { Int32(truncatingIfNeeded: $0) })
    }
  }
}

extension SafetensorsFile {
  /// Returns numbers in single precision, whatever ``WeightType`` they are stored as.
  /// - Parameter shape: the expected shape; `nil` at an axis accepts any size there.
  /// - Throws: ``UserError`` with exit status `data` if a tensor is missing, of another type or shape.
  public func numbers(_ name: String, shape: [Int?]? = nil) throws -> [Float] {
    let count = try checkNumbers(name, shape: shape).shape.reduce(1, *)
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try readNumbers(name, shape: shape, into: buffer)
      initialized = count
    }
  }

  /// Stores the numbers of a tensor at `target`, which has room for all of them; see
  /// ``numbers(_:shape:)``.
  /// - Throws: ``UserError`` with exit status `data`.
  public func readNumbers(
    _ name: String, shape: [Int?]? = nil, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let info = try checkNumbers(name, shape: shape)
    switch info.type {
    case .i8:
      let scales: [Float] = try values(WeightType.scaleName(of: name))
      let width = target.count / max(scales.count, 1)
      try withValues(name, as: Int8.self) { elements in
        for (row, scale) in scales.enumerated() {
          for index in row * width..<(row + 1) * width {
            target[index] = Float(elements[index]) * scale
          }
        }
      }
    case .bf16:
      try withValues(name, as: BFloat16.self) { elements in
        for index in elements.indices { target[index] = elements[index].float }
      }
    default:
      try withValues(name, as: Float.self) { _ = target.update(fromContentsOf: $0) }
    }
  }

  /// Checks that a tensor holds numbers of this shape and, if it is `I8`, that it has its factors.
  /// - Throws: ``UserError`` with exit status `data`.
  @discardableResult
  public func checkNumbers(_ name: String, shape: [Int?]? = nil) throws -> TensorInfo {
    let info = try info(name, types: [.f32, .bf16, .i8], shape: shape)
    if info.type == .i8 {
      let rows = info.shape.count > 1 ? info.shape[0] : 1
      _ = try self.info(WeightType.scaleName(of: name), type: .f32, shape: [rows])
    }
    return info
  }

  /// Whether a tensor holds the factors of another one.
  public func isScale(_ name: String) -> Bool {
    name.hasSuffix(".scale") && header.tensors[String(name.dropLast(6))]?.type == .i8
  }

  /// Returns integers that are stored in any of the types that
  /// ``SafetensorsDocument/compact(_:vectors:)`` chooses from.
  /// - Throws: ``UserError`` with exit status `data` if the tensor is missing, of another type or shape.
  public func integers(_ name: String, shape: [Int?]? = nil) throws -> TensorView<Int64> {
    switch try info(name, types: [.i64, .i32, .u16], shape: shape).type {
    case .i64: try elements(name)
    case .i32: TensorView(try withValues(name, as: Int32.self) { $0.map { Int64($0) } })
    default: TensorView(try withValues(name, as: UInt16.self) { $0.map { Int64($0) } })
    }
  }
}

/// The bytes and factors of rows of finite numbers; see ``WeightType/int8``.
private func quantized(_ numbers: [Float], rows: Int) -> (elements: [Int8], scales: [Float]) {
  let width = numbers.count / max(rows, 1)
  var (elements, scales): ([Int8], [Float]) = ([], [])
  elements.reserveCapacity(numbers.count)
  for row in 0..<rows {
    let row = numbers[row * width..<(row + 1) * width]
    let scale = (row.lazy.map(abs).max() ?? 0) / 127
    scales.append(scale)
    // Subnormal factors are so inexact that quotients can exceed 127.
    elements += row.map { scale > 0 ? Int8(max(-127, min(127, ($0 / scale).rounded()))) : 0 }
  }
  return (elements, scales)
}

/// The upper half of a number in single precision.
private struct BFloat16: TensorScalar {
  static var dtype: DType { .bf16 }
  static var zero: BFloat16 { BFloat16(0) }

  private let bits: UInt16

  /// The nearest number; ties go to the one with an even mantissa.
  init(_ value: Float) {
    let pattern = value.bitPattern
    bits = UInt16(truncatingIfNeeded: (pattern &+ 0x7FFF &+ (pattern >> 16 & 1)) >> 16)
  }

  var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
