import Shards

/// The rows of lowest hash, those of one key together: all rows, or as few as give a number of them.
///
/// The hash depends on the seed and the key alone, so what is kept is the same for any order of the
/// rows. Rows whose keys have equal hashes are taken for rows of one key, which does no harm.
struct GroupSampler {
  struct Row {
    /// Clean text.
    var text: [UInt8]
    /// A number for the class.
    var label: Int
    /// The split that the data give, if they are asked.
    var split: Split?
  }

  private let capacity: Int
  private var groups: [UInt64: [Row]] = [:]
  /// How many rows are held now: never more than twice `capacity` and one key's.
  private(set) var count = 0
  /// Hashes from here on are not kept.
  private var limit = UInt64.max

  /// - Parameter capacity: the number of rows that have to be kept; all if there is none.
  init(capacity: Int? = nil) { self.capacity = capacity ?? .max }

  /// Takes a row in, if it is among the first.
  mutating func add(_ row: Row, hash: UInt64) {
    guard hash < limit || limit == .max else { return }
    groups[hash, default: []].append(row)
    count += 1
    if count / 2 > capacity { prune() }
  }

  /// The rows by key, lowest hash first; those of a key by text, class and split.
  func sorted() -> [[Row]] {
    var pool = self
    pool.prune()
    return pool.groups.sorted { $0.key < $1.key }.map { _, rows in
      rows.sorted { left, right in
        left.text == right.text
          ? (left.label, left.split?.rawValue ?? "") < (right.label, right.split?.rawValue ?? "")
          : left.text.lexicographicallyPrecedes(right.text)
      }
    }
  }

  /// Drops all but the first groups that hold `capacity` rows. A group that goes can never come
  /// back, as those before it only grow.
  private mutating func prune() {
    guard count > capacity else { return }
    var kept = 0
    for hash in groups.keys.sorted() {
      if kept >= capacity {
        limit = min(limit, hash)
        count -= groups.removeValue(forKey: hash)?.count ?? 0
      } else {
        kept += groups[hash]?.count ?? 0
      }
    }
  }
}
