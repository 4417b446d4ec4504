/// An intensity or a threshold from 0 to 1, held exactly as it is written in decimals, so that
/// `0.500 >= 0.5` is no matter of rounding and `nan`, `0,5` or `1e400` are no numbers at all.
public struct FixedPointDecimal: Comparable, Sendable, CustomStringConvertible {
  /// The value in units of 10^-12.
  private let units: Int64
  private static let places = 12

  /// 0.5, above which an emotion counts as present in the paper.
  public static let half = FixedPointDecimal(units: units(of: 1) / 2)

  /// 0.2 and 0.1, the shares of a data set that are held out by default.
  static let fifth = FixedPointDecimal(units: units(of: 1) / 5)
  static let tenth = FixedPointDecimal(units: units(of: 1) / 10)

  private init(units: Int64) { self.units = units }
  private static func units(of whole: Int64) -> Int64 { whole * 1_000_000_000_000 }

  /// Reads `0`, `1`, or either with up to twelve decimals, such as `0.500`; nothing for all else.
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

  /// Whether it is 0 or 1.
  var isWhole: Bool { units % Self.units(of: 1) == 0 }

  /// This share of a number of rows, to the nearest.
  func part(of rows: Int) -> Int {
    Int((Double(rows) * (Double(units) / Double(Self.units(of: 1)))).rounded())
  }

  /// The order of the values.
  public static func < (left: FixedPointDecimal, right: FixedPointDecimal) -> Bool {
    left.units < right.units
  }

  /// The shortest decimals, such as `0.5`.
  public var description: String {
    var digits = String(units % Self.units(of: 1))
    digits = String(repeating: "0", count: Self.places - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(units / Self.units(of: 1))" + (digits.isEmpty ? "" : ".\(digits)")
  }
}
