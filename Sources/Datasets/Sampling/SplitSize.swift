/// How many rows a split is to have: a number of them, or a share of all that there are.
public enum SplitSize: Equatable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// So many rows.
  case rows(Int)
  /// This share of all rows, such as `0.2`.
  case share(FixedPointDecimal)

  /// So many rows.
  public init(integerLiteral rows: Int) { self = .rows(rows) }

  /// Reads a whole number as rows and decimals from `0.` to `1.0` as a share; nothing for all else.
  public init?(_ text: String) {
    if let rows = Int(text) {
      self = .rows(rows)
    } else if let share = FixedPointDecimal(Array(text.utf8)) {
      self = .share(share)
    } else {
      return nil
    }
  }

  /// As it is written on a command line.
  public var description: String {
    switch self {
    case .rows(let rows): "\(rows)"
    case .share(let share): share.isWhole ? "\(share).0" : "\(share)"
    }
  }

  /// The number of rows of `all`, to the nearest.
  func rows(of all: Int) -> Int {
    switch self {
    case .rows(let rows): rows
    case .share(let share): share.part(of: all)
    }
  }

  /// The number, if it is one and no share.
  var count: Int? {
    if case .rows(let rows) = self { rows } else { nil }
  }
}
