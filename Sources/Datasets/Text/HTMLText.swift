import CLibxml2

/// Turns HTML into text through libxml2's HTML parser, event by event: no tree is built, nothing is
/// ever fetched, errors are silent. Line breaks and block elements become a space, inline elements
/// nothing, scripts and styles vanish, character references are decoded.
///
/// Reviews are written by people, so `<3`, `a < b` and `<sigh>` stay text: a `<` counts as markup
/// only before a comment or the name of an element that libxml2 knows.
public final class HTMLText {
  private let context: htmlParserCtxtPtr
  private let collector = Collector()

  /// A converter, to be used for many texts but by one thread at a time.
  /// - Returns: nothing if libxml2 has no memory for a parser.
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

  /// The text of `html`, which is taken for UTF-8 whatever it says of itself: valid UTF-8, single
  /// spaces, none at the ends.
  public func callAsFunction(_ html: [UInt8]) -> [UInt8] {
    let source = guarded(normalizeText(html))
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

/// Where the parser's events leave their text.
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

/// Elements that stand inside a word or a sentence; all others part words.
private let inline: Set<String> = [
  "a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd",
  "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
]

private func separate(_ client: UnsafeMutableRawPointer?, _ name: UnsafePointer<xmlChar>?) {
  guard let name, !inline.contains(String(cString: name)) else { return }
  collector(client)?.text.append(0x20)
}
