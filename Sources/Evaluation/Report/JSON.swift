import Foundation
import Support

/// A JSON value that writes itself the same way every time: keys sorted by their bytes, numbers
/// rounded to six decimals, so that the last bit of a logarithm changes no file.
enum JSON {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// `value`, or null for nothing.
  static func optional(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
  static func integers(_ values: [Int]) -> JSON { .array(values.map(JSON.integer)) }
  static func strings(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }

  /// The value as indented text, with a newline at the end.
  var text: String {
    var result = ""
    write(to: &result, indent: "")
    return result + "\n"
  }

  private func write(to text: inout String, indent: String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += Self.number(value)
    case .string(let value): text += quotedAsJSON(value)
    case .array(let values):
      let flat = values.allSatisfy(\.isScalar)
      Self.list("[", values, "]", to: &text, indent: flat ? nil : indent) { value, text, indent in
        value.write(to: &text, indent: indent)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.list("{", sorted, "}", to: &text, indent: indent) { member, text, indent in
        text += quotedAsJSON(member.key)
        text += ": "
        member.value.write(to: &text, indent: indent)
      }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  /// Elements between brackets: on one line without `indent`, else one a line.
  private static func list<Element>(
    _ open: String, _ elements: [Element], _ close: String, to text: inout String, indent: String?,
    _ write: (Element, inout String, String) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += indent == nil ? ", " : "," }
      if let indent { text += "\n\(indent)  " }
      write(element, &text, (indent ?? "") + "  ")
    }
    if let indent, !elements.isEmpty { text += "\n\(indent)" }
    text += close
  }

  /// At most six decimals, no trailing zeros; null for what JSON has no word for.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    var text = NumberFormat.fixed(value, 6)
    guard text.utf8.contains(UInt8(ascii: ".")), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
