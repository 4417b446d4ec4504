/// The numbers of rows of a split, or of a part of the data.
struct RowCounts {
  /// The number of rows.
  private(set) var rows: Int
  /// The number of rows of each class, [classes].
  private(set) var classes: [Int]
  /// The number of rows without a label; nil unless the task is multi-label.
  private(set) var withoutLabel: Int?

  /// Rows that have one class each.
  /// - Parameter classes: the number of rows of each class.
  init(_ classes: [Int]) { (rows, self.classes) = (classes.reduce(0, +), classes) }

  /// No rows yet.
  init(classCount: Int, isMultiLabel: Bool) {
    self.init([Int](repeating: 0, count: classCount))
    if isMultiLabel { withoutLabel = 0 }
  }

  /// Adds a row with these classes.
  mutating func add(_ labels: [Int]) {
    rows += 1
    for label in labels { classes[label] += 1 }
    if labels.isEmpty { withoutLabel? += 1 }
  }

  /// Adds a class.
  mutating func addClass() { classes.append(0) }

  /// The counts with the classes in another order.
  /// - Parameter order: the former index of each class.
  func reordered(_ order: [Int]) -> RowCounts {
    var result = self
    result.classes = order.map { classes[$0] }
    return result
  }
}
