import Shards

/// What one split of a task consists of.
public struct DataSummary: Sendable, Equatable {
  /// A range of lengths and the number of rows in it.
  public struct LengthBin: Sendable, Equatable {
    /// The shortest length of the bin, in tokens.
    public var from: Int
    /// The first length beyond it.
    public var to: Int
    /// How many rows have such a length.
    public var rows: Int

    /// The rows with `from ..< to` tokens.
    public init(from: Int, to: Int, rows: Int) {
      self.from = from
      self.to = to
      self.rows = rows
    }
  }

  /// The task and how it was split.
  public var column: EvaluationTask
  /// The split.
  public var split: Split
  /// The names of the classes.
  public var classNames: [String]
  /// The number of rows of each class; [classes].
  public var rows: [Int]
  /// The number of tokens in all rows.
  public var tokens: Int
  /// How many rows have how many tokens, shortest first.
  public var lengths: [LengthBin]
  /// The share of tokens that have a pre-trained vector, if it is known.
  public var tokenCoverage: Double?
  /// The share of distinct words that have a pre-trained vector, if it is known.
  public var typeCoverage: Double?
  /// How many rows repeat the text of an earlier row.
  public var duplicates: Int

  /// A summary of these parts.
  public init(
    column: EvaluationTask, split: Split, classNames: [String], rows: [Int], tokens: Int,
    lengths: [LengthBin] = [], tokenCoverage: Double? = nil, typeCoverage: Double? = nil,
    duplicates: Int = 0
  ) {
    (self.column, self.split) = (column, split)
    (self.classNames, self.rows, self.tokens, self.lengths) = (classNames, rows, tokens, lengths)
    (self.tokenCoverage, self.typeCoverage) = (tokenCoverage, typeCoverage)
    self.duplicates = duplicates
  }

  /// Counts each of `lengths` (the number of tokens of each row) into about `bins` ranges of equal,
  /// round width.
  public static func histogram(_ lengths: [Int], bins: Int = 20) -> [LengthBin] {
    guard let longest = lengths.max() else { return [] }
    let width = roundWidth(atLeast: (max(longest, 0) + max(bins, 1)) / max(bins, 1))
    var counts = [Int](repeating: 0, count: max(longest, 0) / width + 1)
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
