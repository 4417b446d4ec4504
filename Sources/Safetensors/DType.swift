/// The element types of tensors that are supported, spelt as in the safetensors specification.
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

/// A Swift type whose memory layout is that of a tensor element (little-endian).
public protocol TensorScalar: BitwiseCopyable, Sendable {
  /// The element type in a file.
  static var dtype: DType { get }
  /// Zero, the initial value of new storage.
  static var zero: Self { get }
}

extension UInt8: TensorScalar {
  /// `U8`.
  public static var dtype: DType { .u8 }
}
extension Int32: TensorScalar {
  /// `I32`.
  public static var dtype: DType { .i32 }
}
extension Int64: TensorScalar {
  /// `I64`.
  public static var dtype: DType { .i64 }
}
extension Float: TensorScalar {
  /// `F32`.
  public static var dtype: DType { .f32 }
}
extension Double: TensorScalar {
  /// `F64`.
  public static var dtype: DType { .f64 }
}
