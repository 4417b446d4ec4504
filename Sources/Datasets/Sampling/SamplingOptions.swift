import Shards
import Support

/// How many rows are drawn for each split, and how they spread over the classes.
public struct SamplingOptions: Equatable, Sendable {
  /// How classes are met.
  public enum Kind: String, CaseIterable, Sendable {
    /// As often as they occur.
    case natural
    /// Each equally often.
    case balanced
  }

  /// Rows to learn from.
  public var train: Int
  /// Rows to choose by.
  public var validation: Int
  /// Rows to judge by.
  public var test: Int
  /// How classes are met.
  public var kind: Kind

  /// A draw of these sizes.
  public init(train: Int, validation: Int, test: Int, kind: Kind) {
    self.train = train
    self.validation = validation
    self.test = test
    self.kind = kind
  }

  /// The rows of each split that one of `strata` parts of the data gives: all if there is one part.
  func quota(stratum: Int, of strata: Int) -> [(split: Split, rows: Int)] {
    // Test first: texts of lowest priority go there, then validation, then train, so that asking
    // for more training rows moves no row from one split to another.
    [(Split.test, test), (.validation, validation), (.train, train)].map { split, rows in
      (split, rows / strata + (stratum < rows % strata ? 1 : 0))
    }
  }
}
