import Shards
import Support

/// How labelled rows are divided into train, validation and test.
struct SplitStrategy: Equatable {
  /// By what.
  enum Kind: Equatable {
    /// By hash, all rows of a text on one side.
    case random
    /// By hash, near twins on one side, too.
    case randomNear
    /// As a column, or the names of files and folders, say.
    case given
  }

  var kind: Kind
  /// Rows to learn from; all that are left if this is open.
  var train: SplitSize?
  /// Rows to choose by. Where the data give none, they are taken from the training rows.
  var validation: SplitSize
  /// Rows to judge by.
  var test: SplitSize

  /// The number of rows that are needed at most, if that is a matter of numbers alone: what was
  /// asked for, and spares for groups that fit nowhere.
  var capacity: Int? {
    guard kind != .given, let wanted else { return nil }
    return wanted + wanted / 8 + 64
  }

  /// The number of rows that was asked for, if it is one.
  private var wanted: Int? {
    guard let train = train?.count, let validation = validation.count, let test = test.count else {
      return nil
    }
    return train + validation + test
  }

  /// Divides the groups of rows; a group is given away whole. A split may lack a few rows where no
  /// group of the right size is left.
  /// - Throws: ``UserError`` of kind `data` if there are fewer rows than were asked for.
  func divide(
    _ groups: [[GroupSampler.Row]], at path: String, tally: inout IngestReport
  ) throws -> [Split: [GroupSampler.Row]] {
    guard kind != .given else { return divideAsGiven(groups, tally: &tally) }
    let rows = groups.reduce(0) { $0 + $1.count }
    if let wanted, rows < wanted {
      throw UserError(
        .data, at: path, problem: "\(rows) rows",
        expected: "\(wanted), as --train, --validation and --test ask for",
        hint: "ask for fewer rows, or leave --train out to take the rest")
    }
    // Test first, then validation, then train, so that asking for more training rows moves no row
    // from one split to another.
    return deal(
      groups,
      [
        (.test, test.rows(of: rows)), (.validation, validation.rows(of: rows)),
        (.train, train?.rows(of: rows) ?? .max),
      ])
  }

  /// A text that stands in several splits stays where it is judged.
  private func divideAsGiven(
    _ groups: [[GroupSampler.Row]], tally: inout IngestReport
  ) -> [Split: [GroupSampler.Row]] {
    var splits: [Split: [GroupSampler.Row]] = [:]
    var learned: [[GroupSampler.Row]] = []
    for group in groups {
      let home = ([.test, .validation, .train] as [Split]).first { split in
        group.contains { $0.split == split }
      }
      guard let home else { continue }
      let rows = group.filter { $0.split == home }
      tally.drop("a text that stands in \(home.rawValue), too", group.count - rows.count)
      if home == .train { learned.append(rows) } else { splits[home, default: []] += rows }
    }
    if splits[.validation] != nil {
      splits[.train] = learned.flatMap { $0 }
      return splits
    }
    let rows = learned.reduce(0) { $0 + $1.count }
    return deal(learned, [(.validation, validation.rows(of: rows)), (.train, .max)])
      .merging(splits) { $1 }
  }

  /// Gives each group to the first split that has room for all of it.
  private func deal(
    _ groups: [[GroupSampler.Row]], _ room: [(split: Split, rows: Int)]
  ) -> [Split: [GroupSampler.Row]] {
    var room = room
    var splits: [Split: [GroupSampler.Row]] = [:]
    for group in groups {
      guard let place = room.firstIndex(where: { $0.rows >= group.count }) else { continue }
      room[place].rows -= group.count
      splits[room[place].split, default: []] += group
    }
    return splits
  }
}
