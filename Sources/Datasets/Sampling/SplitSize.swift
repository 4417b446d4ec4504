/// The size of a split: a number of rows, or a fraction of all rows. 0 means no such split.
public enum SplitSize: Equatable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// A number of rows.
  case rows(Int)
  /// A fraction of all rows, such as `0.2` or `20%`.
  case fraction(FixedPointDecimal)

  /// A number of rows.
  public init(integerLiteral rows: Int) { self = .rows(rows) }

  /// Parses a whole number as rows, and a decimal from `0.0` to `1.0` or a percentage as a fraction;
  /// nil otherwise.
  public init?(_ text: String) {
    if let rows = Int(text) {
      self = .rows(rows)
    } else if let fraction = FixedPointDecimal(percentage: text)
      ?? FixedPointDecimal(Array(((text.hasPrefix(".") ? "0" : "") + text).utf8))
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
    case .fraction(let fraction): fraction.isWhole ? "\(fraction).0" : "\(fraction)"
    }
  }

  /// The number of rows of `total`, rounded to the nearest.
  func rows(of total: Int) -> Int {
    switch self {
    case .rows(let rows): rows
    case .fraction(let fraction): Int(fraction.part(of: total).rounded())
    }
  }

  /// The number of rows; nil for a fraction.
  var count: Int? {
    if case .rows(let rows) = self { rows } else { nil }
  }

  /// The fraction; nil for a number of rows.
  var fraction: FixedPointDecimal? {
    if case .fraction(let fraction) = self { fraction } else { nil }
  }

  /// Whether no row is asked for, of however many.
  var isZero: Bool { self == .rows(0) || fraction == .zero }
}

/// A decimal from 0 to 1 with up to twelve digits, stored exactly, so that `0.500 == 0.5` does not
/// depend on rounding; `nan`, `0,5` and `1e400` are not valid.
public struct FixedPointDecimal: Comparable, Sendable, CustomStringConvertible {
  /// The value in units of 10^-12.
  private let units: Int64
  private static let places = 12

  /// 0.5: the threshold from which an emotion is present in the paper.
  public static let half = FixedPointDecimal(units: units(of: 1) / 2)

  static let zero = FixedPointDecimal(units: 0)
  static let one = FixedPointDecimal(units: units(of: 1))
  /// 0.2 and 0.1: the default fractions of the test and validation splits.
  static let fifth = FixedPointDecimal(units: units(of: 1) / 5)
  static let tenth = FixedPointDecimal(units: units(of: 1) / 10)

  private init(units: Int64) { self.units = units }
  private static func units(of whole: Int64) -> Int64 { whole * 1_000_000_000_000 }

  /// Parses `0`, `1`, or either with up to twelve decimals, such as `0.500`; nil otherwise.
  public init?(_ text: some Collection<UInt8>) {
    var units: Int64 = 0
    var decimals = -1
    guard !text.isEmpty, text.count <= 2 + Self.places else { return nil }
    for byte in text {
      if byte == UInt8(ascii: "."), decimals < 0, text.first != byte {
        decimals = 0
      } else if UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
        units = units * 10 + Int64(byte - UInt8(ascii: "0"))
        if decimals >= 0 { decimals += 1 }
      } else {
        return nil
      }
    }
    guard decimals != 0, text.count - max(decimals + 1, 0) == 1 else { return nil }
    for _ in max(decimals, 0)..<Self.places { units *= 10 }
    guard units <= Self.units(of: 1) else { return nil }
    self.units = units
  }

  /// Parses a percentage from `0%` to `100%` with up to ten decimals, such as `12.5%`; nil otherwise.
  fileprivate init?(percentage text: String) {
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard text.hasSuffix("%"), 1...2 ~= parts.count, 1...3 ~= parts[0].count else { return nil }
    let digits = String(repeating: "0", count: 3 - parts[0].count) + parts.joined()
    guard parts.count == 1 || !parts[1].isEmpty else { return nil }
    self.init(Array("\(digits.prefix(1)).\(digits.dropFirst())".utf8))
  }

  /// Whether the value is 0 or 1.
  var isWhole: Bool { units % Self.units(of: 1) == 0 }

  /// This fraction of a number of rows.
  func part(of rows: Int) -> Double {
    Double(rows) * (Double(units) / Double(Self.units(of: 1)))
  }

  /// The sum, which may be above 1.
  static func + (left: FixedPointDecimal, right: FixedPointDecimal) -> FixedPointDecimal {
    FixedPointDecimal(units: left.units + right.units)
  }

  /// The order of the values.
  public static func < (left: FixedPointDecimal, right: FixedPointDecimal) -> Bool {
    left.units < right.units
  }

  /// The shortest form, such as `0.5`.
  public var description: String {
    var digits = String(units % Self.units(of: 1))
    digits = String(repeating: "0", count: Self.places - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(units / Self.units(of: 1))" + (digits.isEmpty ? "" : ".\(digits)")
  }
}
