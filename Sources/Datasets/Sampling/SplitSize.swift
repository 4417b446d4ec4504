/// The size of a split: a number of rows, or a fraction of all rows. 0 means no such split.
public enum SplitSize: Equatable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// A number of rows.
  case rows(Int)
  /// A fraction of all rows, such as `0.2` or `20%`.
  case fraction(Double)

  /// A number of rows.
  public init(integerLiteral rows: Int) { self = .rows(rows) }

  /// Parses a whole number as rows, and a decimal from `0.0` to `1.0` or a percentage as a fraction;
  /// nil otherwise.
  public init?(_ text: String) {
    if let rows = Int(text) {
      self = .rows(rows)
    } else if let fraction = Double(percentage: text)
      ?? Double(share: text.hasPrefix(".") ? "0" + text : text)
    {
      self = .fraction(fraction)
    } else {
      return nil
    }
  }

  /// The size as written on a command line.
  public var description: String {
    switch self {
    case .rows(let rows): "\(rows)"
    case .fraction(let fraction): "\(fraction)"
    }
  }

  /// The number of rows of `total`, rounded to the nearest.
  func rows(of total: Int) -> Int {
    switch self {
    case .rows(let rows): rows
    case .fraction(let fraction): Int((Double(total) * fraction).rounded())
    }
  }

  /// The number of rows; nil for a fraction.
  var count: Int? {
    if case .rows(let rows) = self { rows } else { nil }
  }

  /// The fraction; nil for a number of rows.
  var fraction: Double? {
    if case .fraction(let fraction) = self { fraction } else { nil }
  }

  /// Whether no row is asked for, of however many.
  var isZero: Bool { self == .rows(0) || fraction == 0 }
}

extension Double {
  /// Parses a decimal from 0 to 1 with up to twelve digits after the point, such as `0.500`; nil for all
  /// else, such as `nan`, `0,5` and `1e-1`.
  package init?(share text: some StringProtocol) {
    guard String(text).wholeMatch(of: /[01](\.[0-9]{1,12})?/) != nil, let value = Double(text),
      value <= 1
    else { return nil }
    self = value
  }

  /// Parses a percentage from `0%` to `100%` with up to ten digits after the point, such as `12.5%`; nil
  /// for all else.
  fileprivate init?(percentage text: String) {
    guard text.wholeMatch(of: /[0-9]{1,3}(\.[0-9]{1,10})?%/) != nil,
      let percentage = Double(text.dropLast()), percentage <= 100
    else { return nil }
    // The number next to the decimal, as if it were written as a share.
    self = (percentage * 1e10).rounded() / 1e12
  }
}
