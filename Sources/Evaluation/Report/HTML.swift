/// Finished HTML or SVG. Text becomes markup only through ``text(_:)``, which escapes it, so data
/// cannot turn into tags.
struct HTML: Equatable, Sendable {
  private(set) var source: String

  private init(source: String) { self.source = source }

  /// Nothing.
  static let empty = HTML(source: "")

  /// `text` as it is to be read. What HTML forbids (control characters and the like) is made
  /// visible.
  static func text(_ text: String) -> HTML { HTML(source: escaped(text)) }

  /// A style sheet of ours; it must not hold data.
  static func style(_ sheet: StaticString) -> HTML { HTML(source: "<style>\(sheet)</style>\n") }

  /// The document type, before everything else.
  static let doctype = HTML(source: "<!DOCTYPE html>\n")

  /// The parts one after the other.
  static func joined(_ parts: [HTML]) -> HTML {
    HTML(source: parts.map(\.source).joined())
  }

  /// An element; `attributes` whose value is nil are left out.
  static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>, _ content: HTML
  ) -> HTML {
    var source = "<\(name)"
    for (key, value) in attributes {
      guard let value else { continue }
      source += " \(key)=\"\(escaped(value))\""
    }
    source += ">"
    let void = ["meta", "br", "col", "hr"].contains("\(name)")
    return HTML(source: void ? source : "\(source)\(content.source)</\(name)>")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where isForbidden(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Control characters and the code points that are no characters.
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.value & 0xFFFE == 0xFFFE
      || (0xFDD0...0xFDEF).contains(scalar.value)
  }
}

/// Lets markup be written as nested elements, with `if` and `for`; a String stands for its text.
@resultBuilder enum HTMLBuilder {
  static func buildExpression(_ markup: HTML) -> HTML { markup }
  static func buildExpression(_ text: String) -> HTML { .text(text) }
  static func buildBlock(_ parts: HTML...) -> HTML { .joined(parts) }
  static func buildArray(_ parts: [HTML]) -> HTML { .joined(parts) }
  static func buildOptional(_ part: HTML?) -> HTML { part ?? .empty }
  static func buildEither(first: HTML) -> HTML { first }
  static func buildEither(second: HTML) -> HTML { second }
}

/// An element of HTML or SVG.
func tag(
  _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
  @HTMLBuilder _ content: () -> HTML = { .empty }
) -> HTML {
  .element(name, attributes, content())
}
