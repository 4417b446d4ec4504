import Foundation
import Shards
import Support

/// Rows on their way into shards. A shard that is full is handed on, so memory holds no more than one
/// of each split, however many rows there are.
public final class ShardWriter {
  /// Takes a finished shard, which is so-many-th part of its split, counted from 1.
  public typealias Taker = (_ shard: TextShard, _ part: Int) throws -> Void

  /// How many bytes of texts a draw may hold before it goes on in files.
  let memory: Int
  /// The folder for such files, which have no name and so vanish with the process.
  let scratch: String
  private let size: Int
  private let take: Taker
  private var open: [Split: ShardBuilder<UInt8>] = [:]
  private var parts: [Split: Int] = [:]
  private var counts: [Split: [Int]] = [:]

  /// - Parameters:
  ///   - size: a shard is full with so many bytes of text.
  ///   - memory: how many bytes of texts may be held to draw among.
  ///   - scratch: a folder with room for all texts, should they be more than that.
  public init(
    size: Int = ShardFiles.size, memory: Int = 2 * ShardFiles.size,
    scratch: String = FileManager.default.temporaryDirectory.path, take: @escaping Taker
  ) {
    (self.size, self.memory, self.scratch, self.take) = (size, memory, scratch, take)
  }

  /// Makes the shards of a task ready to be filled.
  func begin(task: String, splitScheme: String = "", classNames: [String]) {
    for split in Split.allCases {
      open[split] = ShardBuilder(
        ShardHeader(
          task: task, split: split, splitScheme: splitScheme, classNames: classNames))
      counts[split] = classNames.map { _ in 0 }
    }
  }

  /// Adds a row.
  /// - Parameter group: a number for the text, equal for equal texts.
  /// - Throws: what the taker throws.
  func append(_ example: Example, to split: Split, group: Int) throws {
    if let shard = open[split], shard.count > 0, shard.elements.count + example.text.count > size {
      try hand(shard)
      open[split] = ShardBuilder(shard.header)
    }
    open[split]?.append(example.text, label: example.label, textID: group)
    counts[split]?[example.label] += 1
  }

  /// Hands on what is left, and enters all rows in the account.
  /// - Throws: ``UserError`` of kind `data` if a split is empty or a class has no rows to learn from,
  ///   and what the taker throws.
  func finish(_ dataset: Dataset, at path: String, tally: inout IngestReport) throws {
    for split in Split.allCases {
      guard let shard = open[split], let classes = counts[split] else { continue }
      try Self.check(
        split, classes, of: dataset, task: shard.header.task,
        classNames: shard.header.classNames, at: path)
      tally.add(split, shard.header.classNames, classes)
      try hand(shard)
    }
  }

  private func hand(_ shard: ShardBuilder<UInt8>) throws {
    let split = shard.header.split
    parts[split, default: 0] += 1
    try take(shard.shard, parts[split, default: 1])
  }

  private static func check(
    _ split: Split, _ classes: [Int], of dataset: Dataset, task: String, classNames: [String],
    at path: String
  ) throws {
    let rows = classes.reduce(0, +)
    guard rows > 0 else {
      throw UserError(
        .data, at: path, problem: "no rows left for the \(split.rawValue) split of \(task)",
        expected: "at least one row",
        hint: dataset.adviceOnEmptySplits)
    }
    for (label, count) in zip(classNames, classes) where count == 0 && split == .train {
      throw UserError(
        .data, at: path, problem: "no “\(label)” among the \(rows) training rows",
        expected: "rows of every class",
        hint: dataset.adviceOnLostClasses)
    }
  }
}

extension Dataset {
  /// What to do when a split got no rows.
  fileprivate var adviceOnEmptySplits: String {
    switch self {
    case .eiReg: "lower --threshold, or use the whole archive"
    case .yelp, .imdb: "ask for other sizes, or use the whole archive"
    case .labelled: "ask for other sizes with --train, --validation and --test, or add rows"
    }
  }

  /// What to do when a class got no training rows.
  fileprivate var adviceOnLostClasses: String {
    switch self {
    case .yelp, .eiReg, .imdb: "ask for more rows, or draw each class alike with --draw balanced"
    case .labelled:
      "add rows, take fewer away for --test and --validation, or leave the class out of --labels"
    }
  }
}
