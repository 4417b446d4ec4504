/// Elements of a tensor where they lie: in an array, or in a mapped file, which they keep mapped. A
/// part of them costs no copy.
///
/// `@unchecked Sendable`: the elements never change.
@frozen
public struct TensorView<Element: TensorScalar>: RandomAccessCollection, @unchecked Sendable {
  /// What keeps the memory: the array, or the file.
  private let owner: AnyObject
  @usableFromInline let base: UnsafePointer<Element>?
  /// The place of the first element.
  public let startIndex: Int
  /// The place behind the last element.
  public let endIndex: Int

  /// The elements of an array.
  public init(_ array: [Element]) {
    let copy = Copy(array)
    (owner, base) = (copy, UnsafePointer(copy.buffer.baseAddress))
    (startIndex, endIndex) = (0, array.count)
  }

  /// Elements at `bytes`, aligned to their size, which `owner` keeps there.
  init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
    let elements = bytes.bindMemory(to: Element.self)
    (self.owner, base) = (owner, elements.baseAddress)
    (startIndex, endIndex) = (0, elements.count)
  }

  private init(_ whole: TensorView, _ bounds: Range<Int>) {
    (owner, base) = (whole.owner, whole.base)
    (startIndex, endIndex) = (bounds.lowerBound, bounds.upperBound)
  }

  /// One element.
  @inlinable public subscript(position: Int) -> Element {
    guard let base, position >= startIndex, position < endIndex else {
      preconditionFailure("no such element")
    }
    return base[position]
  }

  /// A part of the elements, under the same places.
  public subscript(bounds: Range<Int>) -> TensorView {
    precondition(
      bounds.lowerBound >= startIndex && bounds.upperBound <= endIndex, "no such elements")
    return TensorView(self, bounds)
  }

  /// Calls `body` with the elements as one run of memory.
  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    try withExtendedLifetime(owner) {
      try body(UnsafeBufferPointer(start: base.map { $0 + startIndex }, count: count))
    }
  }

  /// The memory of what was an array.
  private final class Copy {
    let buffer: UnsafeMutableBufferPointer<Element>

    init(_ array: [Element]) {
      buffer = .allocate(capacity: array.count)
      _ = buffer.initialize(from: array)
    }

    deinit { buffer.deallocate() }
  }
}
