/// The part of a task's rows that something was measured on.
public enum Split: String, Sendable, CaseIterable, Comparable {
  /// The rows that parameters were learned from.
  case train
  /// The rows that settings and the best epoch were chosen by.
  case validation
  /// The rows that nothing was chosen by.
  case test

  /// The split as a heading.
  var title: String {
    switch self {
    case .train: "Train"
    case .validation: "Validation"
    case .test: "Test"
    }
  }

  /// The order in which tables show the splits.
  public static func < (left: Split, right: Split) -> Bool {
    let order = allCases
    return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
  }
}
