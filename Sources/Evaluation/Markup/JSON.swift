import Foundation
import Support

/// A JSON value whose text is reproducible: keys sorted by their bytes, numbers rounded to six
/// decimals, so that the last bits of a logarithm change no file.
///
/// `JSONEncoder` can do neither the rounding nor arrays of numbers on one line.
enum JSON {
  case null
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// The members of an object before they are converted.
  typealias Members = [String: any JSONConvertible]

  /// An object with the members of all `parts`.
  static func object(_ parts: Members...) -> JSON {
    .object(parts.reduce(into: [:]) { $0.merge($1) { $1 } }.mapValues(\.json))
  }

  /// The value as indented text, with a newline at the end.
  var text: String {
    var result = ""
    write(to: &result, indent: "")
    return result + "\n"
  }

  private func write(to text: inout String, indent: String) {
    switch self {
    case .null: text += "null"
    case .integer(let value): text += String(value)
    case .number(let value): text += Self.format(value)
    case .string(let value): text += quotedAsJSON(value)
    case .array(let values):
      Self.writeList(
        "[", values, "]", to: &text, indent: values.allSatisfy(\.isScalar) ? nil : indent
      ) { $0.write(to: &$1, indent: $2) }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.writeList("{", sorted, "}", to: &text, indent: indent) { member, text, indent in
        text += "\(quotedAsJSON(member.key)): "
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

  /// Writes elements between brackets: on one line if `indent` is nil, otherwise one on each line.
  private static func writeList<Element>(
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

  /// At most six decimals without trailing zeros; null for infinity and NaN.
  private static func format(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    var text = NumberFormat.fixed(value, 6)
    guard text.utf8.contains(UInt8(ascii: ".")), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

/// A value that can be converted to JSON.
protocol JSONConvertible {
  var json: JSON { get }
}

extension JSON: JSONConvertible { var json: JSON { self } }
extension Int: JSONConvertible { var json: JSON { .integer(self) } }
extension Double: JSONConvertible { var json: JSON { .number(self) } }
extension String: JSONConvertible { var json: JSON { .string(self) } }
extension Array: JSONConvertible where Element: JSONConvertible {
  var json: JSON { .array(map(\.json)) }
}
extension Optional: JSONConvertible where Wrapped: JSONConvertible {
  var json: JSON { self?.json ?? .null }
}
