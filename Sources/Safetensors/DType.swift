/// The element types that the project's files use, spelt as in the safetensors specification.
public enum DType: String, Sendable, CaseIterable {
  /// Unsigned byte.
  case u8 = "U8"
  /// Signed 32-bit integer.
  case i32 = "I32"
  /// Signed 64-bit integer.
  case i64 = "I64"
  /// IEEE single precision.
  case f32 = "F32"
  /// IEEE double precision.
  case f64 = "F64"

  /// The size of one element in bytes.
  public var size: Int {
    switch self {
    case .u8: 1
    case .i32, .f32: 4
    case .i64, .f64: 8
    }
  }
}

/// A Swift type that can be stored in a tensor as it lies in memory (little endian).
public protocol TensorScalar: BitwiseCopyable, Sendable {
  /// The name of the type in a file.
  static var elementType: DType { get }
  /// Zero, the value that fresh storage is filled with.
  static var zero: Self { get }
}

extension UInt8: TensorScalar {
  /// `U8`.
  public static var elementType: DType { .u8 }
}
extension Int32: TensorScalar {
  /// `I32`.
  public static var elementType: DType { .i32 }
}
extension Int64: TensorScalar {
  /// `I64`.
  public static var elementType: DType { .i64 }
}
extension Float: TensorScalar {
  /// `F32`.
  public static var elementType: DType { .f32 }
}
extension Double: TensorScalar {
  /// `F64`.
  public static var elementType: DType { .f64 }
}
