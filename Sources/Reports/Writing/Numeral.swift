import Foundation

/// Numbers as text: the same in every locale.
enum Numeral {
  /// What stands where there is no number.
  static let none = "–"

  /// `value` with exactly `digits` decimals, halves away from zero; `none` for nothing, infinity and
  /// what is not a number.
  static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return none }
    let power = (0..<max(digits, 0)).reduce(1.0) { power, _ in power * 10 }
    let scaled = (abs(value) * power).rounded()
    guard scaled < 9e15 else { return value.description }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let tail = String(whole % Int(power))
    let zeros = String(repeating: "0", count: digits - tail.utf8.count)
    return "\(sign)\(whole / Int(power)).\(zeros)\(tail)"
  }

  /// A fraction of 1 in percent, such as `81.3`.
  static func percent(_ fraction: Double?, _ digits: Int = 1) -> String {
    fixed(fraction.map { $0 * 100 }, digits)
  }

  /// A difference of fractions in percentage points with its sign, such as `+1.2` or `−0.4`.
  static func points(_ difference: Double?) -> String {
    let text = percent(difference)
    if text == none || text == "0.0" { return text }
    return text.hasPrefix("-") ? "−" + text.dropFirst() : "+" + text
  }

  /// The ends of an interval in percent, such as `80.4 – 82.8`.
  static func range(_ interval: Interval?) -> String {
    guard let interval else { return none }
    return "\(percent(interval.low)) – \(percent(interval.high))"
  }

  /// The ends of an interval of a difference, with their signs.
  static func pointsRange(_ interval: Interval?) -> String {
    guard let interval else { return none }
    return "\(points(interval.low)) … \(points(interval.high))"
  }

  /// A p-value: three decimals, or how small it is.
  static func probability(_ value: Double) -> String {
    value < 0.0005 ? "< 0.001" : fixed(value, 3)
  }

  /// A whole number with a comma between thousands, such as `25,000`.
  static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return value < 0 ? "−" + result : result
  }

  /// A number of things, such as `1 seed` or `5 seeds`.
  static func count(_ number: Int, _ thing: String) -> String {
    "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }

  /// A time such as `0.4 s`, `12 s`, `3 min 20 s` or `1 h 05 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return none }
    if seconds < 9.95 { return "\(fixed(seconds, 1)) s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    let (large, small, units) =
      whole < 3600
      ? (whole / 60, whole % 60, ("min", "s")) : (whole / 3600, whole % 3600 / 60, ("h", "min"))
    return "\(large) \(units.0) \(small < 10 ? "0" : "")\(small) \(units.1)"
  }

  /// A size of memory such as `312 MB` or `1.4 GB`.
  static func bytes(_ count: Int) -> String {
    count < 1_000_000_000
      ? "\(fixed(Double(count) / 1e6, count < 9_950_000 ? 1 : 0)) MB"
      : "\(fixed(Double(count) / 1e9, 1)) GB"
  }
}
