import Foundation

/// Memory for numbers, aligned to a cache line, freed with its owner. Grows when asked for more and
/// then forgets its content: a workspace reuses it from batch to batch.
final class Buffer<Element: BitwiseCopyable> {
  private(set) var start: UnsafeMutablePointer<Element>
  private(set) var count: Int

  /// Room for `count` elements, all `value`.
  init(_ count: Int, filledWith value: Element) {
    self.count = count
    start = Self.allocate(count)
    start.initialize(repeating: value, count: count)
  }

  /// No room yet.
  init() {
    count = 0
    start = Self.allocate(0)
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  /// Makes room for at least `count` elements; the content is undefined afterwards.
  @discardableResult
  func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
    if count > self.count {
      UnsafeMutableRawPointer(start).deallocate()
      start = Self.allocate(count)
      self.count = count
    }
    return start
  }

  /// Makes room and sets all its bytes to zero.
  @discardableResult
  func reserveZeros(_ count: Int) -> UnsafeMutablePointer<Element> {
    reserve(count).clear(count)
    return start
  }

  /// Exchanges the content with that of another buffer of the same size.
  func exchange(with other: Buffer<Element>) {
    swap(&start, &other.start)
    swap(&count, &other.count)
  }

  /// The content as an array.
  var array: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
    allocateBytes(max(1, count) * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: max(1, count))
  }
}

/// Memory aligned to a cache line; much of it in huge pages, where the system has such. A row of gates
/// fills a page of 4 KB, so going from row to row asks for another translation of addresses each time.
private func allocateBytes(_ count: Int) -> UnsafeMutableRawPointer {
  let page = 2 << 20
  guard count >= page / 2 else { return .allocate(byteCount: count, alignment: 64) }
  let whole = (count + page - 1) & ~(page - 1)
  let memory = UnsafeMutableRawPointer.allocate(byteCount: whole, alignment: page)
  #if os(Linux)
    // Only a wish: where it is not granted, small pages serve.
    madvise(memory, whole, MADV_HUGEPAGE)
  #endif
  return memory
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Sets the bytes of `count` elements to zero.
  func clear(_ count: Int) {
    UnsafeMutableRawPointer(self).initializeMemory(
      as: UInt8.self, repeating: 0, count: count * MemoryLayout<Pointee>.stride)
  }
}
