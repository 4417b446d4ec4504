/// The elements of a tensor in an array or in a mapped file, which stays mapped as long as the view
/// exists. Slicing makes no copy.
///
/// `@unchecked Sendable`: the elements never change.
@frozen
public struct TensorView<Element: TensorScalar>: RandomAccessCollection, @unchecked Sendable {
  /// The owner of the memory: the copy of an array, or the file.
  private let owner: AnyObject
  @usableFromInline let base: UnsafePointer<Element>?
  /// The index of the first element.
  public let startIndex: Int
  /// The index after the last element.
  public let endIndex: Int

  /// Creates a view of the elements of an array.
  public init(_ array: [Element]) {
    let copy = Copy(array)
    (owner, base) = (copy, UnsafePointer(copy.buffer.baseAddress))
    (startIndex, endIndex) = (0, array.count)
  }

  /// Creates a view of the elements at `bytes`, which are aligned to their size and owned by `owner`.
  init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
    let elements = bytes.bindMemory(to: Element.self)
    (self.owner, base) = (owner, elements.baseAddress)
    (startIndex, endIndex) = (0, elements.count)
  }

  private init(_ whole: TensorView, _ bounds: Range<Int>) {
    (owner, base) = (whole.owner, whole.base)
    (startIndex, endIndex) = (bounds.lowerBound, bounds.upperBound)
  }

  /// Returns an element.
  @inlinable public subscript(position: Int) -> Element {
    guard let base, position >= startIndex, position < endIndex else {
      preconditionFailure("no such element")
    }
    return base[position]
  }

  /// Returns a view of a part of the elements with the same indices.
  public subscript(bounds: Range<Int>) -> TensorView {
    precondition(
      bounds.lowerBound >= startIndex && bounds.upperBound <= endIndex, "no such elements")
    return TensorView(self, bounds)
  }

  /// Calls `body` with the elements as contiguous memory.
  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    try withExtendedLifetime(owner) {
      try body(UnsafeBufferPointer(start: base.map { $0 + startIndex }, count: count))
    }
  }

  /// The copy of an array.
  private final class Copy {
    let buffer: UnsafeMutableBufferPointer<Element>

    init(_ array: [Element]) {
      buffer = .allocate(capacity: array.count)
      _ = buffer.initialize(from: array)
    }

    deinit { buffer.deallocate() }
  }
}

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
