import Shards
import Support

/// How the rows of a table are divided into train, validation and test.
struct SplitStrategy: Equatable {
  enum Kind: Equatable {
    /// By hash; equal texts stay together.
    case random
    /// By hash; near duplicates stay together.
    case randomNear
    /// By a column or by the names of files and folders.
    case given
  }

  var kind: Kind
  /// The size of the training split; nil for all remaining rows.
  var train: SplitSize?
  /// The size of the validation split; taken from the training rows where the data has none.
  var validation: SplitSize
  /// The size of the test split.
  var test: SplitSize

  /// The greatest number of rows needed, including spares for groups that do not fit; nil if it
  /// depends on the data.
  var capacity: Int? {
    guard kind != .given, let total else { return nil }
    return total + total / 8 + 64
  }

  /// The number of rows of all splits; nil if it depends on the data.
  private var total: Int? {
    guard let train = train?.count, let validation = validation.count, let test = test.count else {
      return nil
    }
    return train + validation + test
  }

  /// Divides groups of rows; a group is never divided. A split may miss a few rows if no group of the
  /// right size is left.
  /// - Throws: ``UserError`` with exit status `data` if there are too few rows.
  func divide(
    _ groups: [[Example]], at path: String, report: inout IngestReport
  ) throws -> [Split: [Example]] {
    guard kind != .given else { return divideAsGiven(groups, report: &report) }
    let rows = groups.reduce(0) { $0 + $1.count }
    if let total, rows < total {
      throw UserError(
        .data, at: path, problem: "\(rows) rows",
        expected: "\(total), as --train, --validation and --test ask for",
        hint: "ask for fewer rows, or leave --train out to take the rest")
    }
    // Test and validation first, so that asking for more training rows moves no row to another split.
    return partition(
      groups,
      [
        (.test, test.rows(of: rows)), (.validation, validation.rows(of: rows)),
        (.train, train?.rows(of: rows) ?? .max),
      ])
  }

  /// Keeps the given splits. A text that occurs in several splits is kept in only one, test before
  /// validation before train.
  private func divideAsGiven(
    _ groups: [[Example]], report: inout IngestReport
  ) -> [Split: [Example]] {
    var splits: [Split: [Example]] = [:]
    var training: [[Example]] = []
    for group in groups {
      guard let split = group.compactMap(\.split).max() else { continue }
      let rows = group.filter { $0.split == split }
      report.drop("a text that is in \(split.rawValue), too", group.count - rows.count)
      if split == .train { training.append(rows) } else { splits[split, default: []] += rows }
    }
    if splits[.validation] != nil {
      splits[.train] = training.flatMap { $0 }
      return splits
    }
    let rows = training.reduce(0) { $0 + $1.count }
    return partition(training, [(.validation, validation.rows(of: rows)), (.train, .max)])
      .merging(splits) { $1 }
  }

  /// Assigns each group to the first split with room for all of it.
  private func partition(
    _ groups: [[Example]], _ room: [(split: Split, rows: Int)]
  ) -> [Split: [Example]] {
    var room = room
    var splits: [Split: [Example]] = [:]
    for group in groups {
      guard let index = room.firstIndex(where: { $0.rows >= group.count }) else { continue }
      room[index].rows -= group.count
      splits[room[index].split, default: []] += group
    }
    return splits
  }
}

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

  /// The groups, lowest hash first; their rows are sorted by text, label and split.
  func sorted() -> [[Example]] {
    var sampler = self
    sampler.evict()
    return sampler.groups.sorted { $0.key < $1.key }.map { _, rows in
      rows.sorted { left, right in
        guard left.text == right.text else {
          return left.text.lexicographicallyPrecedes(right.text)
        }
        return (left.label, left.split?.rawValue ?? "") < (right.label, right.split?.rawValue ?? "")
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
