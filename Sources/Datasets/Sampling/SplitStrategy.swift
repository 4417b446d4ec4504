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

  static let defaultValidation = SplitSize.fraction(.tenth)

  var kind: Kind
  /// The size of the training split; nil for all remaining rows.
  var train: SplitSize?
  /// The size of the validation split; taken from the training rows where the data has none.
  var validation: SplitSize
  /// The size of the test split.
  var test: SplitSize

  /// The splits that are not wanted.
  var omitted: Set<Split> {
    Set(
      [(Split.train, train), (.validation, validation), (.test, test)]
        .filter { $0.1?.isZero == true }.map(\.0))
  }

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
  /// - Parameter classNames: the names of the classes by the labels of the rows, for warnings.
  /// - Throws: ``UserError`` with exit status `data` if there are too few rows.
  func divide(
    _ groups: [[Example]], classNames: [String], at path: String, report: inout IngestReport
  ) throws -> [Split: [Example]] {
    guard kind != .given else {
      return try divideAsGiven(groups, classNames: classNames, at: path, report: &report)
    }
    let rows = groups.reduce(0) { $0 + $1.count }
    try check(rows, at: path)
    // Test and validation first, so that asking for more training rows moves no row to another split.
    return partition(
      groups,
      [
        (.test, test.rows(of: rows)), (.validation, validation.rows(of: rows)),
        (.train, train?.rows(of: rows) ?? .max),
      ], classNames, &report)
  }

  /// Checks that the fractions add up to 1 or less.
  /// - Throws: ``UserError`` with exit status `usage`.
  func checkFractions() throws {
    let sizes = [("train", train), ("validation", validation), ("test", test)]
    let fractions = sizes.filter { $0.1?.fraction != nil }
    let sum = fractions.reduce(.zero) { $0 + ($1.1?.fraction ?? .zero) }
    guard sum > .one else { return }
    throw UserError(
      .usage, at: fractions.map { "--\($0) \($1?.description ?? "")" }.joined(separator: ", "),
      problem: "shares of all rows that add up to \(sum)", expected: "1 or less",
      hint: "give smaller shares; by default --validation is 0.1 and --test is 0.2")
  }

  /// Checks that the sizes can be had from this number of rows.
  private func check(_ rows: Int, at path: String) throws {
    let sizes = [train, validation, test].compactMap { $0 }
    let needed = sizes.reduce(0) { $0 + $1.rows(of: rows) }
    // Fractions of all rows may be one row more once rounded, which the training split then lacks.
    let exact = sizes.reduce(0) { $0 + ($1.fraction?.part(of: rows) ?? Double($1.rows(of: rows))) }
    guard needed <= rows || exact <= Double(rows) + 1e-6 else {
      throw UserError(
        .data, at: path, problem: "\(rows) rows",
        expected: "\(needed), as --train, --validation and --test ask for",
        hint: "ask for fewer rows" + (train == nil ? "" : ", or leave --train out to take the rest")
      )
    }
    for (split, size) in [(Split.validation, validation), (.test, test)] {
      try checkIsSome(size, of: rows, split, at: path)
    }
  }

  private func checkIsSome(_ size: SplitSize, of rows: Int, _ split: Split, at path: String) throws
  {
    guard !size.isZero, size.rows(of: rows) == 0 else { return }
    throw UserError(
      .data, at: path,
      problem: "no \(split.rawValue) row: \(size) of \(rows) rows is less than one",
      expected: "one row or more",
      hint: "ask for more, such as --\(split.rawValue) 1, or for none with --\(split.rawValue) 0")
  }

  /// Keeps the given splits. A text that occurs in several splits is kept in only one, test before
  /// validation before train.
  private func divideAsGiven(
    _ groups: [[Example]], classNames: [String], at path: String, report: inout IngestReport
  ) throws -> [Split: [Example]] {
    var splits: [Split: [Example]] = [:]
    var training: [[Example]] = []
    var duplicates = 0
    for group in groups {
      let wanted = group.filter { $0.split.map { !omitted.contains($0) } ?? false }
      report.drop("a row of a split of size 0", group.count - wanted.count)
      guard let split = wanted.compactMap(\.split).max() else { continue }
      let rows = wanted.filter { $0.split == split }
      report.drop("a text that is in \(split.rawValue), too", wanted.count - rows.count)
      duplicates += wanted.count - rows.count
      if split == .train { training.append(rows) } else { splits[split, default: []] += rows }
    }
    if duplicates > 0 {
      report.warn(
        "\(duplicates) rows were dropped because their text is in another split, too; each text is "
          + "kept in only one: test before validation before train")
    }
    if splits[.validation] != nil, validation != Self.defaultValidation {
      report.warn("--validation \(validation) has no effect: the data has validation rows")
    }
    if splits[.validation] != nil || omitted.contains(.validation) {
      splits[.train] = training.flatMap { $0 }
      return splits
    }
    let rows = training.reduce(0) { $0 + $1.count }
    guard rows > 0 else { return splits }
    try checkIsSome(validation, of: rows, .validation, at: path)
    return partition(
      training, [(.validation, validation.rows(of: rows)), (.train, .max)], classNames, &report
    ).merging(splits) { $1 }
  }

  /// Assigns each group to the first split with room for all of it. If that leaves a class without
  /// training rows, its last group is reserved for training.
  private func partition(
    _ groups: [[Example]], _ room: [(split: Split, rows: Int)], _ classNames: [String],
    _ report: inout IngestReport
  ) -> [Split: [Example]] {
    var lastGroups: [Int: Int] = [:]
    for (index, group) in groups.enumerated() {
      for row in group { lastGroups[row.label] = index }
    }
    // The other splits keep their sizes.
    let others = room.dropLast().reduce(0) { $0 + $1.rows }
    let trainingRoom = min(room.last?.rows ?? 0, groups.reduce(0) { $0 + $1.count } - others)
    var reserved: Set<Int> = []
    var labels: Set<Int> = []
    while true {
      let splits = partition(groups, room, reserved: reserved)
      let trained = Set((splits[.train] ?? []).map(\.label))
      let missing = lastGroups.filter { !trained.contains($0.key) && !reserved.contains($0.value) }
      let wanted = reserved.union(missing.values)
      guard !missing.isEmpty, wanted.reduce(0, { $0 + groups[$1].count }) <= trainingRoom else {
        if !labels.isEmpty {
          report.warn(
            "no training row was drawn of \(quotedList(labels.sorted().map { classNames[$0] })); a text of "
              + "each is used for training instead")
        }
        return splits
      }
      reserved = wanted
      labels.formUnion(missing.keys)
    }
  }

  private func partition(
    _ groups: [[Example]], _ room: [(split: Split, rows: Int)], reserved: Set<Int>
  ) -> [Split: [Example]] {
    var room = room
    var splits: [Split: [Example]] = [:]
    room[room.count - 1].rows -= reserved.reduce(0) { $0 + groups[$1].count }
    for (index, group) in groups.enumerated() {
      if reserved.contains(index) {
        splits[.train, default: []] += group
      } else if let index = room.firstIndex(where: { $0.rows >= group.count }) {
        room[index].rows -= group.count
        splits[room[index].split, default: []] += group
      }
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

  /// The groups, lowest hash first; their rows are sorted by text, label, split and ID.
  func sorted() -> [[Example]] {
    var sampler = self
    sampler.evict()
    return sampler.groups.sorted { $0.key < $1.key }.map { _, rows in
      rows.sorted { left, right in
        guard left.text == right.text else {
          return left.text.lexicographicallyPrecedes(right.text)
        }
        let (leftSplit, rightSplit) = (left.split?.rawValue ?? "", right.split?.rawValue ?? "")
        return (left.label, leftSplit, left.id) < (right.label, rightSplit, right.id)
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
