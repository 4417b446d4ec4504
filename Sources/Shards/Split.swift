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
