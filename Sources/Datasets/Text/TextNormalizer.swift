import Support

/// The markup of a raw text.
public enum MarkupFormat: String, CaseIterable, Sendable {
  /// Plain text.
  case none
  /// HTML, as in the reviews of Yelp and IMDB.
  case html
  /// Character references (`&amp;`) and `\n` for a line break, as in the tweets of EI-reg.
  case tweet
}

/// Converts raw text to the text of examples, as the stage `ingest` does. Not thread-safe.
public struct TextNormalizer {
  /// The markup of the raw texts.
  public let markup: MarkupFormat
  private let html: HTMLText?

  /// A normalizer of texts with this markup.
  /// - Throws: ``UserError`` with exit status `unavailable`.
  public init(_ markup: MarkupFormat) throws {
    self.markup = markup
    html = markup == .html ? HTMLText() : nil
    guard markup != .html || html != nil else {
      throw UserError(.unavailable, at: "libxml2", problem: "its parser could not be started")
    }
  }

  /// Valid UTF-8 without control characters, with single spaces between words and none at the ends.
  /// Idempotent if there is no markup.
  public func callAsFunction(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    switch markup {
    case .none: normalizeText(Array(text))
    case .html: html?(Array(text)) ?? []
    case .tweet: tweetText(text)
    }
  }
}

/// A name, such as that of a column, as normalized text.
func normalizedName(_ name: some Sequence<UInt8>) -> String {
  String(decoding: normalizeText(Array(name)), as: UTF8.self)
}

/// Converts a field of the EI-reg files to text.
///
/// Tweets are not HTML (`<3` is a heart). Only character references are resolved, and only once:
/// `&amp;lt;` becomes `&lt;`. The two characters backslash and n, a line break in these files, become
/// a space.
func tweetText(_ field: UnsafeRawBufferPointer) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(field.count)
  var position = 0
  while position < field.count {
    let rest = UnsafeRawBufferPointer(rebasing: field[position...])
    if rest[0] == UInt8(ascii: "&"), let (bytes, size) = reference(rest) {
      text.append(contentsOf: bytes)
      position += size
    } else if rest.starts(with: #"\n"#.utf8) {
      text.append(0x20)
      position += 2
    } else {
      text.append(rest[0])
      position += 1
    }
  }
  return normalizeText(text)
}

/// The character and the length of the character reference at the start of `text`.
private func reference(_ text: UnsafeRawBufferPointer) -> ([UInt8], Int)? {
  guard let end = text.prefix(10).firstIndex(of: UInt8(ascii: ";")) else { return nil }
  let name = text[1..<end]
  if name.first == UInt8(ascii: "#") {
    let digits = name.dropFirst()
    let isHexadecimal = digits.first.map { $0 | 0x20 } == UInt8(ascii: "x")
    let number = String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self)
    guard number.utf8.first != UInt8(ascii: "+"), number.utf8.first != UInt8(ascii: "-"),
      let code = UInt32(number, radix: isHexadecimal ? 16 : 10),
      let scalar = Unicode.Scalar(code), code != 0, let bytes = UTF8.encode(scalar)
    else { return nil }
    return (Array(bytes), end + 1)
  }
  for (known, bytes) in named where name.elementsEqual(known.utf8) {
    return (Array(bytes.utf8), end + 1)
  }
  return nil
}

private let named = [
  ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("nbsp", " "),
]

/// A key that is equal for near duplicates: the lower-cased letters, digits and symbols of a text
/// without hashtags, mentions and links; the text itself if nothing remains.
package func nearDuplicateKey(_ text: [UInt8]) -> [UInt8] {
  let key = text.contains { $0 >= 0x80 } ? unicodeKey(text) : asciiKey(text)
  return key.isEmpty ? text : key
}

/// ``unicodeKey(_:)`` of ASCII, about ten times as fast.
private func asciiKey(_ text: [UInt8]) -> [UInt8] {
  var key: [UInt8] = []
  key.reserveCapacity(text.count)
  for word in text.split(separator: 0x20) {
    let lower = word.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
    guard !links.contains(where: lower.starts(with:)) else { continue }
    var isTag = false
    for byte in lower {
      if byte == UInt8(ascii: "#") || byte == UInt8(ascii: "@") {
        isTag = true
      } else if !asciiWordCharacters[Int(byte)] {
        isTag = false
      }
      if !isTag, keptASCII[Int(byte)] { key.append(byte) }
    }
  }
  return key
}

private let links = ["http://", "https://", "www."].map { Array($0.utf8) }
private let keptASCII = (0..<128).map { isKept(Unicode.Scalar(UInt8($0))) }
private let asciiWordCharacters = (0..<128).map { isWordCharacter(Unicode.Scalar(UInt8($0))) }

private func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.isAlphabetic || scalar == "_" || scalar.properties.numericType != nil
}

/// The key of a text in any script, which may be empty.
func unicodeKey(_ text: [UInt8]) -> [UInt8] {
  var key: [UInt8] = []
  for word in text.split(separator: 0x20) {
    let lower = String(decoding: word, as: UTF8.self).lowercased()
    if lower.hasPrefix("http://") || lower.hasPrefix("https://") || lower.hasPrefix("www.") {
      continue
    }
    var isTag = false
    for scalar in lower.unicodeScalars {
      if scalar == "#" || scalar == "@" {
        isTag = true
      } else if !isWordCharacter(scalar) {
        isTag = false
      }
      if !isTag, isKept(scalar) { key.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    }
  }
  return key
}

private func isKept(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
    .initialPunctuation, .finalPunctuation, .otherPunctuation, .format, .control, .spaceSeparator,
    .nonspacingMark:
    false
  default: true
  }
}
