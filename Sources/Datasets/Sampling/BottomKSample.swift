import HeapModule

/// The distinct texts of lowest priority among all that are offered, in one pass and bounded memory.
///
/// The priority is a hash of the text, so the sample is uniform over distinct texts and independent
/// of the order of offering, and equal texts are found for free. (Bottom-k sampling; Cohen and Kaplan,
/// “Summarizing data using bottom-k sketches”, PODC 2007.)
struct BottomKSample {
  struct Entry {
    var priority: UInt64
    var text: [UInt8]
    /// The lowest of the labels that were offered with the text.
    var label: Int
    /// The first in the order of bytes of the IDs that were offered with the text and this label.
    var id: String
    /// The number of times that the text was offered.
    var copies = 1
  }

  private let capacity: Int
  /// The number of bytes of all texts.
  private(set) var size = 0
  private var entries: [UInt64: Entry] = [:]
  /// The priorities of all entries.
  private var priorities = Heap<UInt64>()

  /// A sample of at most `capacity` texts.
  init(capacity: Int) { self.capacity = capacity }

  /// Whether a text of this priority would change the sample.
  @inline(__always) func admits(_ priority: UInt64) -> Bool { priority <= limit }
  /// The highest priority that is admitted.
  private var limit = UInt64.max

  /// Adds the text if its priority is low enough. Texts of equal priority are considered equal: with
  /// 64 bits, ten million texts have a colliding pair with probability 1 in 100,000.
  mutating func offer(
    _ text: UnsafeRawBufferPointer, priority: UInt64, label: Int, id: @autoclosure () -> String
  ) {
    guard capacity > 0, admits(priority) else { return }
    if var known = entries[priority] {
      known.copies += 1
      if label <= known.label {
        known.id = label < known.label ? id() : min(known.id, id())
        known.label = label
      }
      entries[priority] = known
      return
    }
    if priorities.count < capacity {
      priorities.insert(priority)
    } else {
      let evicted = priorities.replaceMax(with: priority)
      size -= entries.removeValue(forKey: evicted)?.text.count ?? 0
    }
    size += text.count
    entries[priority] = Entry(priority: priority, text: Array(text), label: label, id: id())
    if priorities.count == capacity { limit = priorities.max ?? .max }
  }

  /// The texts, lowest priority first.
  func sorted() -> [Entry] { entries.values.sorted { $0.priority < $1.priority } }

  /// Removes all texts.
  mutating func removeAll() { self = BottomKSample(capacity: capacity) }
}
