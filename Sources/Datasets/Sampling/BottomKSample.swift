/// The distinct texts of lowest priority among all that are offered, in one pass and bounded memory.
///
/// The priority is a hash of the text, so the sample is uniform over distinct texts, the same for
/// any order of offering, and equal texts meet for free. (Bottom-k sampling; Cohen and Kaplan,
/// “Summarizing data using bottom-k sketches”, PODC 2007.)
struct BottomKSample {
  struct Entry {
    var priority: UInt64
    var text: [UInt8]
    /// The lowest of the labels that came with the text, whatever their order.
    var label: Int
    /// How often the text was offered.
    var copies: Int
  }

  private let capacity: Int
  /// How many bytes of text there are.
  private(set) var size = 0
  private var entries: [UInt64: Entry] = [:]
  /// The priorities of all entries as a binary heap, the highest first.
  private var heap: [UInt64] = []
  /// Once the sample is full, only lower priorities can enter.
  private var limit = UInt64.max

  /// A sample of at most `capacity` texts.
  init(capacity: Int) { self.capacity = capacity }

  /// Whether a text of this priority would change the sample.
  @inline(__always) func admits(_ priority: UInt64) -> Bool { priority <= limit }

  /// Takes the text in if its priority is low enough. Texts of equal priority are taken for equal:
  /// with 64 bits, one pair in ten million texts would be a chance of one in a hundred thousand.
  mutating func offer(_ text: UnsafeRawBufferPointer, priority: UInt64, label: Int) {
    guard capacity > 0, admits(priority) else { return }
    if var known = entries[priority] {
      known.copies += 1
      known.label = min(known.label, label)
      entries[priority] = known
      return
    }
    if heap.count < capacity {
      heap.append(priority)
      siftUp(heap.count - 1)
    } else {
      size -= entries.removeValue(forKey: heap[0])?.text.count ?? 0
      heap[0] = priority
      siftDown(0)
    }
    size += text.count
    entries[priority] = Entry(priority: priority, text: Array(text), label: label, copies: 1)
    if heap.count == capacity { limit = heap[0] }
  }

  /// The texts, lowest priority first.
  func sorted() -> [Entry] { heap.sorted().compactMap { entries[$0] } }

  /// Forgets all texts.
  mutating func removeAll() { self = BottomKSample(capacity: capacity) }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0, case let parent = (child - 1) / 2, heap[parent] < heap[child] {
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while case var child = 2 * parent + 1, child < heap.count {
      if child + 1 < heap.count, heap[child + 1] > heap[child] { child += 1 }
      guard heap[child] > heap[parent] else { return }
      heap.swapAt(parent, child)
      parent = child
    }
  }
}
