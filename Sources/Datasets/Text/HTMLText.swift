import CLibxml2
import Support

/// Converts HTML to text with the SAX parser of libxml2: no tree is built, nothing is fetched, and
/// errors are ignored. Line breaks and block elements become a space, inline elements nothing; scripts
/// and styles are removed, character references are decoded.
///
/// Reviews contain `<3`, `a < b` and `<sigh>` as text, so a `<` is markup only before a comment or the
/// name of an element that libxml2 knows.
public final class HTMLText {
  private let context: htmlParserCtxtPtr
  private let collector = Collector()

  /// A converter for many texts; not thread-safe. Nil if libxml2 cannot allocate a parser.
  public init?() {
    guard let context = htmlNewParserCtxt() else { return nil }
    self.context = context
    context.pointee.userData = Unmanaged.passUnretained(collector).toOpaque()
    guard let sax = context.pointee.sax else { return nil }
    sax.pointee = htmlSAXHandler()
    sax.pointee.characters = append
    sax.pointee.ignorableWhitespace = append
    sax.pointee.cdataBlock = { _, _, _ in }
    sax.pointee.startElement = { client, name, _ in separate(client, name) }
    sax.pointee.endElement = { client, name in separate(client, name) }
  }

  deinit { htmlFreeParserCtxt(context) }

  /// The normalized text of `html`, which is read as UTF-8 whatever encoding it declares.
  public func callAsFunction(_ html: [UInt8]) -> [UInt8] {
    let source = escapingText(normalizeText(html))
    collector.text.removeAll(keepingCapacity: true)
    let options =
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
    source.withUnsafeBytes { bytes in
      let start = bytes.bindMemory(to: CChar.self).baseAddress
      let document = htmlCtxtReadMemory(
        context, start, Int32(clamping: bytes.count), nil, "UTF-8", Int32(options))
      if let document { xmlFreeDoc(document) }
    }
    return normalizeText(collector.text)
  }
}

/// Receives the text of the parser's events.
private final class Collector {
  var text: [UInt8] = []
}

private func collector(_ client: UnsafeMutableRawPointer?) -> Collector? {
  client.map { Unmanaged<Collector>.fromOpaque($0).takeUnretainedValue() }
}

private func append(
  _ client: UnsafeMutableRawPointer?, _ text: UnsafePointer<xmlChar>?, _ count: Int32
) {
  guard let text, count > 0 else { return }
  collector(client)?.text.append(contentsOf: UnsafeBufferPointer(start: text, count: Int(count)))
}

/// Elements that do not separate words.
private let inline: Set<String> = [
  "a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd",
  "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
]

private func separate(_ client: UnsafeMutableRawPointer?, _ name: UnsafePointer<xmlChar>?) {
  guard let name, !inline.contains(String(cString: name)) else { return }
  collector(client)?.text.append(0x20)
}

extension HTMLText {
  /// `html` with every `<` that is not markup escaped as `&lt;`.
  fileprivate func escapingText(_ html: [UInt8]) -> [UInt8] {
    let opener = UInt8(ascii: "<")
    guard var position = html.firstIndex(of: opener) else { return html }
    let lastCommentEnd = lastIndex(of: "-->", in: html)
    var result = Array(html[..<position])
    result.reserveCapacity(html.count + 16)
    while position < html.count {
      let isMarkup = Self.opensMarkup(html, position, lastCommentEnd)
      result.append(contentsOf: isMarkup ? "<".utf8 : "&lt;".utf8)
      position += 1
      let next = html[position...].firstIndex(of: opener) ?? html.count
      result.append(contentsOf: html[position..<next])
      position = next
    }
    return result
  }

  /// The index of the last `mark`, or -1.
  private func lastIndex(of mark: StaticString, in html: [UInt8]) -> Int {
    let mark = Array(UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount))
    var position = html.count - mark.count
    while position >= 0, html[position] != mark[0] || !html[position...].starts(with: mark) {
      position -= 1
    }
    return position
  }

  /// Whether the `<` at `start` begins a terminated comment, or a tag of a known element that is
  /// closed before the next `<`.
  private static func opensMarkup(_ html: [UInt8], _ start: Int, _ lastCommentEnd: Int) -> Bool {
    if html[start...].starts(with: "<!--".utf8) { return lastCommentEnd >= start + 4 }
    var position = start + 1
    if position < html.count, html[position] == UInt8(ascii: "/") { position += 1 }
    var name: [UInt8] = []
    while position < html.count, isNameByte(html[position]), name.count < 16 {
      name.append(html[position] | 0x20)
      position += 1
    }
    name.append(0)
    guard name.count > 1, htmlTagLookup(name) != nil else { return false }
    guard position < html.count, [0x20, 0x2F, 0x3E].contains(html[position]) else { return false }
    let end = html[position...].firstIndex { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }
    return end.map { html[$0] == UInt8(ascii: ">") } ?? false
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
      || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  /// The first tag of a known element or character reference, as plain text should not have; nil if
  /// there is none.
  static func firstMarkup(in text: [UInt8]) -> ArraySlice<UInt8>? {
    for start in text.indices
    where text[start] == UInt8(ascii: "<") || text[start] == UInt8(ascii: "&") {
      if text[start] == UInt8(ascii: "<") {
        guard opensMarkup(text, start, -1) else { continue }
        return text[start...].firstIndex(of: UInt8(ascii: ">")).map { text[start...$0] }
      }
      guard let end = text[start...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { continue }
      let name = text[(start + 1)..<end]
      let isNumber = name.first == UInt8(ascii: "#") && name.dropFirst().contains(where: isNameByte)
      if isNumber || htmlEntityLookup(Array(name) + [0]) != nil { return text[start...end] }
    }
    return nil
  }
}
