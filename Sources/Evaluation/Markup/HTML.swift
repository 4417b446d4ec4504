/// HTML or SVG source. Strings become HTML only through ``text(_:)``, which escapes them, so data
/// cannot turn into tags.
struct HTML: Equatable, Sendable {
  private(set) var source: String

  private init(source: String) { self.source = source }

  static let empty = HTML(source: "")
  static let doctype = HTML(source: "<!DOCTYPE html>\n")

  /// Escapes `text`. Characters that HTML forbids, such as control characters, are made visible.
  static func text(_ text: String) -> HTML { HTML(source: escaped(text)) }

  /// A style sheet from the package's resources.
  static func style(_ sheet: [UInt8]) -> HTML {
    HTML(source: "<style>\n\(String(decoding: sheet, as: UTF8.self))</style>\n")
  }

  /// A self-contained page with the style sheets of reports, light and dark.
  static func page(title: String, @HTMLBuilder body: () -> HTML) -> String {
    let page = tag("html", ["lang": "en"]) {
      tag("head") {
        tag("meta", ["charset": "utf-8"])
        tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        tag("meta", ["name": "color-scheme", "content": "light dark"])
        tag("title") { title }
        style(PackageResources.report_css)
        style(PackageResources.chart_css)
      }
      tag("body") { body() }
    }
    return joined([.doctype, page, .text("\n")]).source
  }

  static func joined(_ parts: [HTML]) -> HTML { HTML(source: parts.map(\.source).joined()) }

  /// An element; attributes whose value is nil are left out.
  static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>, _ content: HTML
  ) -> HTML {
    var source = "<\(name)"
    for case (let key, let value?) in attributes { source += " \(key)=\"\(escaped(value))\"" }
    source += ">"
    let isVoid = ["meta", "br", "col", "hr"].contains("\(name)")
    return HTML(source: isVoid ? source : "\(source)\(content.source)</\(name)>")
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

  /// Control characters and noncharacters.
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.value & 0xFFFE == 0xFFFE
      || (0xFDD0...0xFDEF).contains(scalar.value)
  }
}

/// Builds HTML from nested elements, with `if` and `for`. A string becomes escaped text.
@resultBuilder enum HTMLBuilder {
  static func buildExpression(_ html: HTML) -> HTML { html }
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
