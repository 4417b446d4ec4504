/// The element types of tensors, spelt as in the safetensors specification. This project writes and
/// reads those of a ``TensorScalar``; the others only occur in files of other programs.
public enum DType: String, Sendable, CaseIterable {
  /// A byte, 0 or 1.
  case bool = "BOOL"
  /// Unsigned byte.
  case u8 = "U8"
  /// Signed byte.
  case i8 = "I8"
  /// Unsigned 16-bit integer.
  case u16 = "U16"
  /// Signed 16-bit integer.
  case i16 = "I16"
  /// Unsigned 32-bit integer.
  case u32 = "U32"
  /// Signed 32-bit integer.
  case i32 = "I32"
  /// Unsigned 64-bit integer.
  case u64 = "U64"
  /// Signed 64-bit integer.
  case i64 = "I64"
  /// Four bits: E2M1 of the OCP microscaling formats.
  case f4 = "F4"
  /// Six bits, two of them the exponent.
  case f6E2M3 = "F6_E2M3"
  /// Six bits, three of them the exponent.
  case f6E3M2 = "F6_E3M2"
  /// A power of two.
  case f8E8M0 = "F8_E8M0"
  /// Eight bits, four of them the exponent, without infinity.
  case f8E4M3 = "F8_E4M3"
  /// The same without negative zero.
  case f8E4M3FNUZ = "F8_E4M3FNUZ"
  /// Eight bits, five of them the exponent.
  case f8E5M2 = "F8_E5M2"
  /// The same without infinity and negative zero.
  case f8E5M2FNUZ = "F8_E5M2FNUZ"
  /// IEEE half precision.
  case f16 = "F16"
  /// The upper half of single precision.
  case bf16 = "BF16"
  /// IEEE single precision.
  case f32 = "F32"
  /// IEEE double precision.
  case f64 = "F64"
  /// A complex number of single precision.
  case c64 = "C64"

  /// The size of an element in bits: the number in the name.
  public var bitWidth: Int { Int(rawValue.drop { !$0.isNumber }.prefix(while: \.isNumber)) ?? 8 }

  /// Whether all kinds of files of this project use the type. The others are only in models that were
  /// made smaller, see ``WeightType``, or in files of other programs.
  public var isUsed: Bool { [.u8, .i32, .i64, .f32, .f64].contains(self) }
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
extension Int8: TensorScalar {
  /// `I8`.
  public static var dtype: DType { .i8 }
}
extension UInt16: TensorScalar {
  /// `U16`.
  public static var dtype: DType { .u16 }
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

extension SafetensorsFile {
  /// The first values of a tensor as text; `?` for each of a type that is rarely used.
  public func firstValues(of info: TensorInfo, count: Int) -> String {
    let size = info.type.bitWidth / 8
    guard size > 0 else { return "" }
    let starts = stride(from: info.range.lowerBound, to: info.range.upperBound, by: size)
    let values = starts.prefix(count).map { start in
      // Little-endian.
      let bits = bytes[start..<start + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return info.type.text(ofBits: bits)
    }
    let isWhole = info.range.count <= count * size
    return values.joined(separator: " ") + (values.isEmpty || isWhole ? "" : " …")
  }
}

extension DType {
  /// A value as text.
  fileprivate func text(ofBits bits: UInt64) -> String {
    switch self {
    case .bool: bits == 0 ? "false" : "true"
    case .u8, .u16, .u32, .u64: "\(bits)"
    case .i8: "\(Int8(truncatingIfNeeded: bits))"
    case .i16: "\(Int16(truncatingIfNeeded: bits))"
    case .i32: "\(Int32(truncatingIfNeeded: bits))"
    case .i64: "\(Int64(truncatingIfNeeded: bits))"
    case .f8E4M3: "\(Self.decodedE4M3(UInt8(truncatingIfNeeded: bits)))"
    // The upper half of half precision.
    case .f8E5M2: "\(Float16(bitPattern: UInt16(truncatingIfNeeded: bits << 8)))"
    case .f16: "\(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))"
    case .bf16: "\(Float(bitPattern: UInt32(truncatingIfNeeded: bits << 16)))"
    case .f32: "\(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))"
    case .f64: "\(Double(bitPattern: bits))"
    case .f4, .f6E2M3, .f6E3M2, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ, .c64: "?"
    }
  }

  /// A number of four exponent and three mantissa bits (arXiv 2209.05433): only the largest pattern is
  /// special, not-a-number.
  private static func decodedE4M3(_ bits: UInt8) -> Float {
    guard bits & 0x7F != 0x7F else { return .nan }
    let (exponent, mantissa) = (Int(bits >> 3 & 15), Float(bits & 7) / 8)
    return Float(
      sign: bits >> 7 == 1 ? .minus : .plus, exponent: max(exponent, 1) - 7,
      significand: exponent == 0 ? mantissa : 1 + mantissa)
  }
}
