import Support

typealias NumberFormat = Support.NumberFormat

extension NumberFormat {
  /// A difference of fractions in percentage points with its sign, such as `+1.2` or `−0.4`.
  static func points(_ difference: Double?) -> String {
    let text = percent(difference)
    if text == none || text == "0.0" { return text }
    return text.hasPrefix("-") ? "−" + text.dropFirst() : "+" + text
  }

  /// The ends of an interval in percent, such as `80.4 – 82.8`.
  static func range(_ interval: ConfidenceInterval?) -> String {
    guard let interval else { return none }
    return "\(percent(interval.low)) – \(percent(interval.high))"
  }

  /// The ends of an interval of a difference, with their signs.
  static func pointsRange(_ interval: ConfidenceInterval?) -> String {
    guard let interval else { return none }
    return "\(points(interval.low)) … \(points(interval.high))"
  }

  /// A p-value: three decimals, or how small it is.
  static func probability(_ value: Double) -> String {
    value < 0.0005 ? "< 0.001" : fixed(value, 3)
  }

  /// A number of things, such as `1 seed` or `5 seeds`.
  static func count(_ number: Int, _ thing: String) -> String {
    "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }

}
