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
