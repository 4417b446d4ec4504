import Foundation

/// A buffer of numbers, aligned to a cache line. Layers reuse their buffers from batch to batch: a
/// buffer only grows, and loses its content when it does.
package final class AlignedBuffer<Element: BitwiseCopyable> {
  package private(set) var start: UnsafeMutablePointer<Element>
  package private(set) var count: Int
  private var allocation: Allocation

  /// A buffer of `count` elements with the value `value`.
  package init(_ count: Int, filledWith value: Element) {
    self.count = count
    (allocation, start) = Self.allocate(count)
    start.initialize(repeating: value, count: count)
  }

  /// An empty buffer.
  init() {
    count = 0
    (allocation, start) = Self.allocate(0)
  }

  deinit { allocation.free() }

  /// Grows the buffer to at least `count` elements, whose values are then undefined.
  @discardableResult
  func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
    if count > self.count {
      allocation.free()
      (allocation, start) = Self.allocate(count)
      self.count = count
    }
    return start
  }

  /// Grows the buffer to at least `count` elements and sets these to zero.
  @discardableResult
  func reserveZeros(_ count: Int) -> UnsafeMutablePointer<Element> {
    reserve(count).clear(count)
    return start
  }

  /// Swaps the content with that of another buffer of the same size.
  package func exchange(with other: AlignedBuffer<Element>) {
    swap(&allocation, &other.allocation)
    swap(&start, &other.start)
    swap(&count, &other.count)
  }

  /// The content as an array.
  package var array: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }

  private static func allocate(_ count: Int) -> (Allocation, UnsafeMutablePointer<Element>) {
    let allocation = Allocation(byteCount: max(1, count) * MemoryLayout<Element>.stride)
    return (allocation, allocation.start.bindMemory(to: Element.self, capacity: max(1, count)))
  }
}

/// Memory aligned to a cache line. Large allocations use huge pages if the system has them: a row of
/// gates fills a page of 4 KB, so with small pages each row would need another address translation.
/// They are mapped separately, since the heap would retain freed memory and fragment.
private struct Allocation {
  let start: UnsafeMutableRawPointer
  /// The mapping, unless the memory is from the heap.
  private var mapping: UnsafeMutableRawBufferPointer?

  private static let hugePage = 2 << 20

  init(byteCount: Int) {
    #if os(Linux)
      if byteCount >= Self.hugePage / 2, let mapping = Self.map(byteCount + 2 * Self.hugePage) {
        self.mapping = mapping.all
        start = mapping.start
        return
      }
    #endif
    start = .allocate(byteCount: byteCount, alignment: 64)
  }

  func free() {
    if let mapping {
      munmap(mapping.baseAddress, mapping.count)
    } else {
      start.deallocate()
    }
  }

  #if os(Linux)
    /// A mapping and its first huge page; nil if the system has no memory.
    private static func map(
      _ count: Int
    ) -> (all: UnsafeMutableRawBufferPointer, start: UnsafeMutableRawPointer)? {
      let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let memory, memory != MAP_FAILED else { return nil }
      // A hint: without huge pages, small pages are used.
      madvise(memory, count, MADV_HUGEPAGE)
      let start = memory.alignedUp(toMultipleOf: hugePage)
      return (UnsafeMutableRawBufferPointer(start: memory, count: count), start)
    }
  #endif
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Sets the bytes of `count` elements to zero.
  func clear(_ count: Int) {
    UnsafeMutableRawPointer(self).initializeMemory(
      as: UInt8.self, repeating: 0, count: count * MemoryLayout<Pointee>.stride)
  }
}
