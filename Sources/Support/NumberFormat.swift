/// Formats numbers for people, the same in every locale.
public enum NumberFormat {
  /// The text for a missing number.
  public static let none = "–"

  /// Returns `value` with exactly `digits` decimals, rounding halves away from zero; `none` for nil,
  /// infinity and NaN.
  public static func fixed(_ value: Double?, _ digits: Int) -> String {
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

  /// Returns a fraction of 1 in percent, such as `81.3`.
  public static func percent(_ fraction: Double?, _ digits: Int = 1) -> String {
    fixed(fraction.map { $0 * 100 }, digits)
  }

  /// Returns an integer with commas between thousands, such as `25,000`.
  public static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return value < 0 ? "−" + result : result
  }

  /// Returns a count with its noun, such as `1 row` or `5 rows`.
  /// - Parameter plural: the plural if it is not made with an s, such as `rows are` of `row is`.
  public static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) " + (number == 1 ? noun : plural ?? "\(noun)s")
  }

  /// Returns a duration such as `0.42 s`, `1.4 s`, `12 s`, `3 min 20 s` or `1 h 05 min`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return none }
    if seconds < 0.995 { return "\(fixed(seconds, 2)) s" }
    if seconds < 9.95 { return "\(fixed(seconds, 1)) s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    let (large, small, units) =
      whole < 3600
      ? (whole / 60, whole % 60, ("min", "s")) : (whole / 3600, whole % 3600 / 60, ("h", "min"))
    return "\(large) \(units.0) \(small < 10 ? "0" : "")\(small) \(units.1)"
  }

  /// Returns a size of memory such as `312 MB` or `1.4 GB`.
  public static func bytes(_ count: Int) -> String {
    count < 1_000_000_000
      ? "\(fixed(Double(count) / 1e6, count < 9_950_000 ? 1 : 0)) MB"
      : "\(fixed(Double(count) / 1e9, 1)) GB"
  }
}
