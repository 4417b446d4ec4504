/// The rows with the lowest hashes of their keys: all rows, or whole groups of equal keys until there
/// are enough rows.
///
/// The hash depends only on the seed and the key, so the result is independent of the order of rows.
/// A hash collision merges two groups, which is harmless.
struct GroupSampler {
  private let capacity: Int
  private var groups: [UInt64: [Example]] = [:]
  /// The number of rows held: at most twice `capacity` plus one group.
  private(set) var count = 0
  /// Groups with this hash or a higher one are not kept.
  private var limit = UInt64.max

  /// - Parameter capacity: the number of rows to keep; all if nil.
  init(capacity: Int? = nil) { self.capacity = capacity ?? .max }

  /// Adds a row unless its hash is too high.
  mutating func add(_ row: Example, hash: UInt64) {
    guard hash < limit || limit == .max else { return }
    groups[hash, default: []].append(row)
    count += 1
    if count / 2 > capacity { evict() }
  }

  /// The groups, lowest hash first; their rows are sorted by text, labels, split and ID.
  /// - Parameter labels: the label in place of each provisional one, which depends on the order of rows;
  ///   by default labels are kept.
  func sorted(labels: [Int]? = nil) -> [[Example]] {
    // The rows with one label share its list to save memory.
    let lists = labels?.map { [$0] } ?? []
    var sampler = self
    sampler.evict()
    return sampler.groups.sorted { $0.key < $1.key }.map { _, rows in
      var rows = rows
      if let labels {
        for index in rows.indices {
          let old = rows[index].labels
          rows[index].labels = old.count == 1 ? lists[old[0]] : old.map { labels[$0] }.sorted()
        }
      }
      return rows.sorted { left, right in
        guard left.text == right.text else {
          return left.text.lexicographicallyPrecedes(right.text)
        }
        guard left.labels == right.labels else {
          return left.labels.lexicographicallyPrecedes(right.labels)
        }
        let (leftSplit, rightSplit) = (left.split?.rawValue ?? "", right.split?.rawValue ?? "")
        return (leftSplit, left.id) < (rightSplit, right.id)
      }
    }
  }

  /// Drops all but the first groups with `capacity` rows. A dropped group can never return, because
  /// the groups before it only grow.
  private mutating func evict() {
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
