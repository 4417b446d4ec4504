/// Turns a field of the EI-reg files into text.
///
/// Tweets are not HTML (`<3` is a heart) and are never parsed as such; only their character
/// references are resolved, once: `&amp;lt;` becomes `&lt;`. The two characters backslash and n,
/// which stand for a line break in these files, become a space.
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

/// The character reference that `text` begins with: what it stands for and its length.
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

/// What near twins have in common: the lower-cased letters, digits and pictures of a tweet without
/// its hashtags, mentions and links. A tweet of nothing else is its own only twin.
func twinKey(_ text: [UInt8]) -> [UInt8] {
  var key: [UInt8] = []
  for word in text.split(separator: 0x20) {
    let lower = String(decoding: word, as: UTF8.self).lowercased()
    if lower.hasPrefix("http://") || lower.hasPrefix("https://") || lower.hasPrefix("www.") {
      continue
    }
    var isTag = false
    for scalar in lower.unicodeScalars {
      let isWordCharacter =
        scalar.properties.isAlphabetic || scalar == "_"
        || scalar.properties.numericType != nil
      if scalar == "#" || scalar == "@" { isTag = true } else if !isWordCharacter { isTag = false }
      if !isTag, isKept(scalar) { key.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    }
  }
  return key.isEmpty ? text : key
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
