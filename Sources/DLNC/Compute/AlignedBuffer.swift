import Foundation

/// Memory for numbers, aligned to a cache line, freed with its owner. Grows when asked for more and
/// then forgets its content: a workspace reuses it from batch to batch.
final class AlignedBuffer<Element: BitwiseCopyable> {
  private(set) var start: UnsafeMutablePointer<Element>
  private(set) var count: Int
  private var block: Block

  /// Room for `count` elements, all `value`.
  init(_ count: Int, filledWith value: Element) {
    self.count = count
    (block, start) = Self.allocate(count)
    start.initialize(repeating: value, count: count)
  }

  /// No room yet.
  init() {
    count = 0
    (block, start) = Self.allocate(0)
  }

  deinit { block.free() }

  /// Makes room for at least `count` elements; the content is undefined afterwards.
  @discardableResult
  func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
    if count > self.count {
      block.free()
      (block, start) = Self.allocate(count)
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
  func exchange(with other: AlignedBuffer<Element>) {
    swap(&block, &other.block)
    swap(&start, &other.start)
    swap(&count, &other.count)
  }

  /// The content as an array.
  var array: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }

  private static func allocate(_ count: Int) -> (Block, UnsafeMutablePointer<Element>) {
    let block = Block(byteCount: max(1, count) * MemoryLayout<Element>.stride)
    return (block, block.start.bindMemory(to: Element.self, capacity: max(1, count)))
  }
}

/// Memory aligned to a cache line. A large block lies in huge pages, where the system has such: a row
/// of gates fills a page of 4 KB, so going from row to row asks for another translation of addresses
/// each time. It is mapped by itself, since the heap would keep what is freed and leave gaps between
/// blocks so aligned.
private struct Block {
  let start: UnsafeMutableRawPointer
  /// All that is mapped, if the block is not from the heap.
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
    /// A mapping and the first huge page in it, or nothing if the system refuses.
    private static func map(
      _ count: Int
    ) -> (all: UnsafeMutableRawBufferPointer, start: UnsafeMutableRawPointer)? {
      let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let memory, memory != MAP_FAILED else { return nil }
      // Only a wish: where it is not granted, small pages serve.
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
