import Shards

/// Groups of rows to be divided within each stratum. A group is never divided.
struct StratifiedDivision {
  /// A split and its size; nil for all remaining rows.
  typealias Size = (split: Split, rows: Int?)

  let groups: [[Example]]
  private let classCount: Int
  private let strata: Strata

  /// - Parameters:
  ///   - groups: lowest hash first.
  ///   - classCount: the number of classes; labels are below it.
  init(_ groups: [[Example]], classCount: Int) {
    (self.groups, self.classCount) = (groups, classCount)
    strata = Strata(groups.joined(), classCount: classCount)
  }

  /// The number of rows of each stratum in some groups.
  private func stratumRows(_ isCounted: (Int) -> Bool) -> [Int] {
    var rows = [Int](repeating: 0, count: strata.count)
    for index in groups.indices where isCounted(index) {
      for row in groups[index] { rows[strata.stratum(of: row)] += 1 }
    }
    return rows
  }

  /// The number of rows of each stratum in a group.
  private func stratumRows(of group: [Example]) -> [Int: Int] {
    group.reduce(into: [:]) { $0[strata.stratum(of: $1), default: 0] += 1 }
  }

  /// Whether there is room for the rows of each stratum of a group.
  private func fits(_ group: [Example], in room: [Int]) -> Bool {
    // Most groups have one row.
    group.count == 1
      ? room[strata.stratum(of: group[0])] > 0
      : stratumRows(of: group).allSatisfy { room[$0.key] >= $0.value }
  }

  // MARK: Sizes

  /// Assigns groups to splits of given sizes, the lowest hashes of each stratum to the first split. A split
  /// may miss a few rows if no group of the right size is left.
  /// - Parameters:
  ///   - sizes: the training split comes last.
  ///   - classRows: the number of rows of each class in the whole data, if groups are a sample of it and
  ///     rows have one class each.
  ///   - assigned: the groups that have a split already.
  ///   - reserved: the groups that must be used for training.
  /// - Returns: the split of each group; nil for groups that are not needed.
  func assign(
    _ sizes: [Size], classRows: [Int]? = nil, after assigned: [Int: Split] = [:],
    reserved: Set<Int> = []
  ) -> [Split?] {
    var splits = groups.indices.map { reserved.contains($0) ? .train : assigned[$0] }
    var quotas = ClassQuotas(
      classRows.map { $0 + [0] } ?? stratumRows { assigned[$0] == nil })
    for (split, rows) in sizes {
      guard let rows else {
        for index in splits.indices where splits[index] == nil { splits[index] = split }
        continue
      }
      // Each stratum keeps a row for training, unless there is none.
      let reserve = split == .train || sizes.last?.rows == 0 ? 0 : 1
      var room = quotas.next(rows, reserve: reserve)
      var total = rows
      if split == .train {
        for row in reserved.flatMap({ groups[$0] }) {
          room[strata.stratum(of: row)] -= 1
          total -= 1
        }
      }
      func take() {
        for index in splits.indices where splits[index] == nil && groups[index].count <= total {
          guard fits(groups[index], in: room) else { continue }
          splits[index] = split
          total -= groups[index].count
          for row in groups[index] { room[strata.stratum(of: row)] -= 1 }
        }
      }
      take()
      // Rows of other strata replace those of one without a group of the right size.
      room = stratumRows { splits[$0] == nil }.map { $0 - reserve }
      take()
    }
    return splits
  }

  /// Assigns groups so that each class has a training row, as far as there is room: if it has none, the
  /// last of its groups is reserved for training.
  /// - Parameters:
  ///   - room: the greatest number of reserved rows.
  ///   - assign: returns the split of each group; reserved ones are for training.
  /// - Returns: also the classes for which groups were reserved.
  func ensuringTrainingRows(
    room: Int, _ assign: (_ reserved: Set<Int>) -> [Split?]
  ) -> (splits: [Split?], classes: [Int]) {
    var lastGroups: [Int: Int] = [:]
    for (index, group) in groups.enumerated() {
      for label in group.lazy.flatMap(\.labels) { lastGroups[label] = index }
    }
    var reserved: Set<Int> = []
    var classes: Set<Int> = []
    while true {
      let splits = assign(reserved)
      var trained: Set<Int> = []
      for (group, split) in zip(groups, splits) where split == .train {
        for row in group { trained.formUnion(row.labels) }
      }
      let missing = lastGroups.filter {
        !trained.contains($0.key) && !reserved.contains($0.value)
      }
      let wanted = reserved.union(missing.values)
      guard !missing.isEmpty, wanted.reduce(0, { $0 + groups[$1].count }) <= room else {
        return (splits, classes.sorted())
      }
      reserved = wanted
      classes.formUnion(missing.keys)
    }
  }

  // MARK: Folds

  /// Deals the groups to folds so that each fold has nearly equal numbers of rows, and of rows of each
  /// stratum. The largest groups are dealt first, because the smaller ones then fill the gaps.
  /// - Returns: the fold of each group, counted from 1; nil for the only group with rows of a class, which
  ///   is needed for training whichever fold is tested.
  func folds(_ count: Int) -> [Int?] {
    var groupCounts = [Int](repeating: 0, count: classCount)
    for group in groups { for label in Set(group.flatMap(\.labels)) { groupCounts[label] += 1 } }
    var stratumRows = [[Int]](
      repeating: [Int](repeating: 0, count: count), count: strata.count)
    var rows = [Int](repeating: 0, count: count)
    var folds = [Int?](repeating: nil, count: groups.count)
    let order = groups.indices.sorted {
      (groups[$1].count, $0) < (groups[$0].count, $1)
    }
    for index in order {
      guard groups[index].allSatisfy({ $0.labels.allSatisfy { groupCounts[$0] > 1 } }) else {
        continue
      }
      let own = self.stratumRows(of: groups[index])
      let loads = (0..<count).map { fold in
        own.reduce(0) { $0 + $1.value * stratumRows[$1.key][fold] }
      }
      let fold = (0..<count).min { (loads[$0], rows[$0], $0) < (loads[$1], rows[$1], $1) }
      guard let fold else { continue }
      for (stratum, rows) in own { stratumRows[stratum][fold] += rows }
      rows[fold] += groups[index].count
      folds[index] = fold + 1
    }
    return folds
  }
}

/// The strata within which rows are divided. A row belongs to its class; of several classes to the one
/// with the fewest rows, whose rows are the hardest to divide evenly (the idea of Sechidis, Tsoumakas
/// and Vlahavas 2011, who deal the rows of rare labels first). Rows without a class are a stratum of
/// their own.
struct Strata {
  private let classRows: [Int]

  /// - Parameter rows: all rows.
  init(_ rows: some Sequence<Example>, classCount: Int) {
    var counts = [Int](repeating: 0, count: classCount)
    for row in rows { for label in row.labels { counts[label] += 1 } }
    classRows = counts
  }

  /// The number of strata: one for each class, and the last for rows without one.
  var count: Int { classRows.count + 1 }

  /// The stratum of a row.
  func stratum(of row: Example) -> Int {
    row.labels.min { (classRows[$0], $0) < (classRows[$1], $1) } ?? classRows.count
  }
}
