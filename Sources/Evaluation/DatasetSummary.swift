import Shards
import Tokenization

/// The contents of one split of a task.
struct DatasetSummary: Equatable {
  /// The number of rows with `from ..< to` tokens.
  struct LengthBin: Equatable {
    var from: Int
    var to: Int
    var rows: Int
  }

  var task: EvaluationTask
  var split: Split
  var classNames: [String]
  /// The number of rows of each class; [classes].
  var rows: [Int]
  /// The label sets of the rows of a multi-label task; nil for any other.
  var labelSets: LabelSetCounts?
  /// The number of tokens in all rows.
  var tokens: Int
  /// The number of rows that repeat the text of an earlier row.
  var duplicates = 0
  /// The fraction of tokens with a pretrained vector; nil if it is unknown.
  var tokenCoverage: Double?
  /// The fraction of distinct words with a pretrained vector; nil if it is unknown.
  var typeCoverage: Double?
  /// The rows by length, shortest first.
  var lengths: [LengthBin] = []

  /// The number of rows.
  var rowCount: Int { labelSets?.rows ?? rows.reduce(0, +) }

  /// Counts the rows of each length, in about `bins` bins of equal, round width.
  /// - Parameter lengths: the number of tokens of each row.
  static func histogram(_ lengths: [Int], bins: Int = 20) -> [LengthBin] {
    guard let maxLength = lengths.max() else { return [] }
    let width = roundWidth(atLeast: (max(maxLength, 0) + max(bins, 1)) / max(bins, 1))
    var counts = [Int](repeating: 0, count: max(maxLength, 0) / width + 1)
    for length in lengths { counts[max(length, 0) / width] += 1 }
    return counts.enumerated().map {
      LengthBin(from: $0.offset * width, to: ($0.offset + 1) * width, rows: $0.element)
    }
  }

  /// The smallest of 1, 2, 5, 10, 20, 50, … that is at least `width`.
  private static func roundWidth(atLeast width: Int) -> Int {
    var power = 1
    while true {
      for step in [1, 2, 5] where step * power >= width { return step * power }
      power *= 10
    }
  }
}

/// How many rows have how many labels in a multi-label task.
struct LabelSetCounts: Equatable {
  var rows: Int
  /// The number of rows without a label.
  var unlabelled: Int
  /// The number of labels of all rows.
  var labels: Int

  /// The mean number of labels of a row.
  var labelsPerRow: Double { Double(labels) / Double(max(rows, 1)) }
}

extension LabelSetCounts {
  /// Adds the rows of a shard to the counts of others; nil unless it is of a multi-label task.
  init?(_ other: LabelSetCounts?, _ shard: TokenShard) {
    guard let sets = shard.labelSets else { return nil }
    let unlabelled = (0..<sets.count).count { sets[$0].isEmpty }
    self.init(
      rows: (other?.rows ?? 0) + sets.count, unlabelled: (other?.unlabelled ?? 0) + unlabelled,
      labels: (other?.labels ?? 0) + sets.labelCount)
  }
}

extension DatasetSummary {
  /// Summarizes a shard.
  init(_ shard: TokenShard, _ task: EvaluationTask, _ coverage: Coverage?) {
    (self.task, split, classNames) = (task, shard.split, shard.classNames)
    (rows, labelSets) = (shard.classCounts, LabelSetCounts(nil, shard))
    tokens = shard.elementCount
    duplicates = shard.count - Set(shard.textIDs).count
    (tokenCoverage, typeCoverage) = (coverage?.tokenFraction, coverage?.typeFraction)
    lengths = Self.histogram(shard.lengths)
  }
}
