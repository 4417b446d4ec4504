/// The role of a row.
public enum Split: String, CaseIterable, Codable, Comparable, Sendable {
  /// Rows that parameters are learned from.
  case train
  /// Rows that settings and the best epoch are chosen on.
  case validation
  /// Rows that results are reported on; nothing is chosen on them.
  case test
  /// Texts without a class, to pretrain on.
  case unlabelled

  /// The splits whose rows have a class.
  public static let labelled: [Split] = [.train, .validation, .test]

  /// The order of the declaration: train, validation, test, unlabelled.
  public static func < (left: Split, right: Split) -> Bool {
    let order = allCases
    return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
  }
}

/// One division of rows for cross-validation. The rows are dealt to folds once; each fold is the test
/// split of one division, and one more division has no test rows, for the model that is used.
public struct Fold: Hashable, Sendable {
  /// The numbers of folds that rows can be dealt to.
  public static let counts = 2...100

  /// The fold with the test rows, counted from 1; nil if all rows are for training.
  public let number: Int?
  /// The number of folds.
  public let count: Int

  /// The division that tests a fold, or with nil the one without test rows.
  public init(_ number: Int?, of count: Int) { (self.number, self.count) = (number, count) }

  /// The division with this split scheme; nil for another scheme.
  public init?(splitScheme: String) {
    let words = splitScheme.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 4, let count = Int(words[words[0] == "all" ? 2 : 3]) else { return nil }
    self.init(words[0] == "all" ? nil : Int(words[1]), of: count)
    guard self.splitScheme == splitScheme else { return nil }
  }

  /// The split scheme of the shards: `fold 2 of 5`, or `all of 5 folds`.
  public var splitScheme: String {
    number.map { "fold \($0) of \(count)" } ?? "all of \(count) folds"
  }
}
